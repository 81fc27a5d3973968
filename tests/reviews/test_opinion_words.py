from __future__ import annotations

import pytest

from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.phrases import Words
from tests.reviews.reviewed import RATINGS, SCALE, TEXTS

OPINIONS = OpinionWords({"great": 2.0, "works great": 1.0, "awful": -3.0, "not bad": 0.5})


def effect(text: str) -> float:
    words = Words.of(text)
    return OPINIONS.of(words, words.phrase(0, len(words.lower) - 1))


def test_words_of_praise_and_blame_are_found() -> None:
    effects = OpinionWords.fit(TEXTS, RATINGS, SCALE).effects
    assert {"wonderful", "superbly", "gorgeous", "wonderful sound"} <= {term for term in effects if effects[term] > 0}
    assert {"dreadful", "badly", "flimsy", "dreadful noise"} <= {term for term in effects if effects[term] < 0}
    assert not {"ordered", "brother", "shipping", "is", "the"} & set(effects)
    assert not [term for term in effects if "guitar" in term or "days" in term]


def test_the_same_reviews_give_the_same_effects() -> None:
    assert OpinionWords.fit(TEXTS, RATINGS, SCALE) == OpinionWords.fit(TEXTS, RATINGS, SCALE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("great sound", 2.0),
        ("works great", 3.0),
        ("not great at all", -1.4),
        ("not only great", 2.0),
        ("never awful", 0.0),
        ("never works great", -2.1),
        ("not bad", 0.5),
        ("plays like Great Wolf", 0.0),
        ("GREAT sound", 2.0),
        ("awful but great", -1.0),
    ],
)
def test_the_effect_of_a_phrase(text: str, value: float) -> None:
    assert effect(text) == pytest.approx(value)


def test_what_a_negation_before_it_turns_round_has_no_effect() -> None:
    words = Words.of("I do not think it is great. It is great")
    assert OPINIONS.of(words, words.phrase(6, 6)) == 0.0
    assert OPINIONS.of(words, words.phrase(9, 9)) == 2.0


def test_reviews_without_words_have_no_opinion() -> None:
    for texts in (["", "!!", ""], [str(number) * 3 + "x" for number in range(300)]):
        fitted = OpinionWords.fit(texts, [1.0, 5.0, 3.0] * (len(texts) // 3), SCALE)
        assert fitted.effects == {} and fitted.clear == 0.0
