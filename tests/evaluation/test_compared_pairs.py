"""Two sets side by side: what is compared, what is left out and said."""

from __future__ import annotations

import pandas as pd
import pytest

from recbole_curec.errors import DataError
from recbole_curec.evaluation.compared_pairs import ComparedPair, Context, compare_sets, drawn, with_contexts
from recbole_curec.evaluation.explanation_sets import read_explanations
from recbole_curec.evaluation.explanations import ExplanationSet
from tests.evaluation.explained import compared


def explained(name: str, texts: dict[str, str]) -> ExplanationSet:
    rows = [{"user": pair[0], "item": pair[1], "text": text} for pair, text in texts.items()]
    return read_explanations(pd.DataFrame(rows), name)


def test_equal_words_and_lonely_pairs_are_left_out_with_their_counts() -> None:
    first = explained("ours", {"ax": "one", "ay": "same", "bx": "two", "by": "alone", "cx": "alone"})
    second = explained("theirs", {"bx": "zwei", "ay": "same", "ax": "eins", "dx": "allein"})
    found = compare_sets(first, second)
    assert [(pair.user, pair.item, pair.texts) for pair in found.pairs] == [
        ("a", "x", ("one", "eins")),
        ("b", "x", ("two", "zwei")),
    ]
    assert (found.identical, found.alone) == (1, (2, 1))
    assert found.left_out() == (
        "left out: 1 with the same words on both sides, 2 that only ours explains, 1 that only theirs explains"
    )


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(DataError, match=r"in common .* 1 with the same words .*: give sets that differ\."):
        compare_sets(explained("a", {"ax": "same"}), explained("b", {"ax": "same"}))
    with pytest.raises(DataError, match=r"\(left out: 1 that only .*: give explanations of the same users and items\."):
        compare_sets(explained("a", {"ax": "one"}), explained("b", {"ay": "one"}))
    with pytest.raises(DataError, match="Both sets of explanations are named 'a'"):
        compare_sets(explained("a", {"ax": "one"}), explained("a", {"ax": "two"}))


def test_titles_and_histories_are_those_of_the_evidence_unless_given() -> None:
    first, second = compared(2).pairs
    # What a fact names was taken before the latest item.
    assert first.context == Context("Alien", ("Heat", "Up"))
    given = Context("Other", ())
    assert [pair.title for pair in with_contexts([first, second], {("u1", "i1"): given})] == ["Alien", "Other"]
    assert explained_alone().title == "x\\x1b"


def explained_alone() -> ComparedPair:
    first, second = ({"user": ["a"], "item": ["x\x1b"], "text": [text]} for text in ("one", "two"))
    return compare_sets(
        read_explanations(pd.DataFrame(first), "a"), read_explanations(pd.DataFrame(second), "b")
    ).pairs[0]


def test_the_draw_depends_on_the_seed_alone() -> None:
    pairs = compared(9).pairs
    assert drawn(pairs, 1) == drawn(pairs, 1) != drawn(pairs, 2)
    assert sorted(pair.user for pair in drawn(pairs, 1)) == [pair.user for pair in pairs]
