import pytest

from recbole_curec.evaluation.foreign_sentences import FOREIGN_SENTENCES
from recbole_curec.reasons.english import is_english


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "Drama",
        "Try it",
        "Try : it is popular.",
        "suits you: fans of and often take it.",
        "it often goes with .",
        "Since you keep choosing Crime, should please you; it is lesser known.",
        "The reader would buy it for its gripping suspense, twisted villain and café scenes.",
        "You\u2019ll love it: naïve, déjà vu humour and a π on the cover.",  # accents and one symbol
    ],
)
def test_english_prose(prose):
    assert is_english(prose)


@pytest.mark.parametrize("sentence", FOREIGN_SENTENCES)
def test_other_languages_are_noticed_with_and_without_names(sentence):
    assert not is_english(sentence.format(target=" ", name=" ").replace('"', ""))


def test_one_word_of_another_script_is_enough():
    assert not is_english("You may like it because you often choose 剧情 films.")
