from __future__ import annotations

import pytest

from recbole_curec.evaluation.metrics.metric import Sample
from recbole_curec.evaluation.metrics.rouge import Rouge
from recbole_curec.evaluation.metrics.rouge_words import RougeWords

pytest.importorskip("rouge_score", reason="pip install 'rouge-score>=0.1.2'")


def test_values_by_hand() -> None:
    # Six words each, five shared: F1 5/6. Pairs: the cat, cat sat, sat on of five: 3/5. Longest common subsequence:
    # the cat sat on mat, 5/6. The second reference is worse in all three.
    found = Rouge().measure(Sample(("The cat sat on the mat.",), (("the cat sat on a mat", "a dog"),)))
    assert found["rouge_1"].value == pytest.approx(100 * 5 / 6)
    assert found["rouge_2"].value == pytest.approx(100 * 3 / 5)
    assert found["rouge_l"].value == pytest.approx(100 * 5 / 6)


def test_order_matters_to_the_longest_common_subsequence_alone() -> None:
    found = Rouge().measure(Sample(("c b a",), (("a b c",),)))
    assert (found["rouge_1"].value, found["rouge_2"].value) == (100, 0)
    assert found["rouge_l"].value == pytest.approx(100 / 3)


def test_the_set_has_the_mean() -> None:
    found = Rouge().measure(Sample(("a b", "c d"), (("a b",), ("x y",))))
    assert found["rouge_1"].value == 50
    assert found["rouge_1"].by_pair is not None
    assert found["rouge_1"].by_pair.tolist() == [100, 0]


@pytest.mark.parametrize(
    "text",
    [
        "The cat's 2nd-best toy_box, isn't it? 10/10 (e.g. U.S.A.)!",
        "Don\u2019t miss it \u2014 \u201cgreat\u201d value \u2026 5\u2103, x\u00b2, \u00bd, \u2167, don\u02bct",
        "A caf\u00e9, a cafe\u0301, na\u00efve, Pok\u00e9mon, \u0130stanbul, stra\u00dfe, \u1ec3, \ufb01ne, n\u00ba",
        "Love it \u2764\ufe0f 1\ufe0f\u20e3 \u2139\ufe0f \U0001f469\u200d\U0001f467 \U0001d41bold",
        "",
        " ?! ",
    ],
)
def test_latin_letters_are_read_as_rouge_score_reads_them(text: str) -> None:
    from rouge_score.tokenizers import DefaultTokenizer

    assert RougeWords().tokenize(text) == DefaultTokenizer().tokenize(text)


def test_english_figures_are_those_of_rouge_score() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    texts = ("It's a well-made caf\u00e9 film, isn't it?", "A long, slow story about two cats.")
    references = ("a well made caf\u00e9 film \u2764\ufe0f", "the story of 2 slow cats isn\u2019t long")
    found = Rouge().measure(Sample(texts, tuple((one,) for one in references)))
    for key, kind in (("rouge_1", "rouge1"), ("rouge_2", "rouge2"), ("rouge_l", "rougeL")):
        scorer = RougeScorer([kind])
        by_pair = [100 * scorer.score(one, text)[kind].fmeasure for text, one in zip(texts, references, strict=True)]
        assert found[key].by_pair is not None
        assert found[key].by_pair.tolist() == by_pair


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "\u0424\u0438\u043b\u044c\u043c \u041e\u041d, 10/10",
            ["\u0444\u0438\u043b\u044c\u043c", "\u043e\u043d", "10", "10"],
        ),
        (
            "\u0939\u093f\u0928\u094d\u0926\u0940 \u092b\u093c\u093f\u0932\u094d\u092e\u0964",
            ["\u0939\u093f\u0928\u094d\u0926\u0940", "\u092b\u093c\u093f\u0932\u094d\u092e"],
        ),
        ("\u7535\u5f71iPhone15\u597d\u3002", ["\u7535", "\u5f71", "iphone15", "\u597d"]),
        ("\u304b\u3099\u597d", ["\u304b\u3099", "\u597d"]),
        ("\u0e19\u0e49\u0e33", ["\u0e19\u0e49", "\u0e33"]),
        ("\ud55c\uad6d \uc601\ud654", ["\ud55c\uad6d", "\uc601\ud654"]),
    ],
)  # fmt: skip
def test_letters_of_other_scripts_are_words(text: str, words: list[str]) -> None:
    assert RougeWords().tokenize(text) == words
    assert Rouge().measure(Sample((text,), ((text,),)))["rouge_l"].value == 100


def test_half_of_a_chinese_text() -> None:
    # Characters 1 2 3 4 and 1 2 5 6: two of four.
    found = Rouge().measure(Sample(("\u8fd9\u90e8\u7535\u5f71",), (("\u8fd9\u90e8\u97f3\u4e50",),)))
    assert found["rouge_1"].value == pytest.approx(50)
