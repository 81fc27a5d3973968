from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.item_pairs import ItemPairs, among
from tests.examples import make_catalog, make_history

CATALOG = make_catalog({item: (item.upper(), []) for item in "abcdefghijklmnopqrstuvwxyz"})
# Items of five users; with a..d as columns the counts of shared users are as below. Repeated consumption counts once.
SEQUENCES = {"u1": "abc", "u2": "abcd", "u3": "bc", "u4": "ad", "u5": "bb"}
COUNTS = [[3, 2, 2, 2], [2, 4, 3, 1], [2, 3, 3, 1], [2, 1, 1, 2]]


def pairs_of(sequences: dict[str, str], kept: int = 1 << 20) -> ItemPairs:
    return ItemPairs(make_history(sequences, CATALOG.tokens), kept)


@pytest.mark.parametrize("kept", [1, 1 << 20])
def test_counts_by_hand(kept: int) -> None:
    pairs = pairs_of(SEQUENCES, kept)
    for _ in range(2):  # counted, then kept or counted again
        for item, counts in enumerate(COUNTS, start=1):
            columns, found = pairs.row(item)
            assert (columns.tolist(), found.tolist()) == ([1, 2, 3, 4], counts)
    assert pairs.item_users.tolist()[:6] == [0, 3, 4, 3, 2, 0]
    assert pairs.of(1, np.array([9, 4, 2])).tolist() == [0, 2, 2]


def test_an_item_nobody_took_shares_nobody() -> None:
    pairs = pairs_of(SEQUENCES)
    assert [part.tolist() for part in pairs.row(5)] == [[], []]
    assert pairs.of(5, np.array([1, 5])).tolist() == [0, 0]


def test_no_more_is_kept_than_asked_for() -> None:
    pairs = pairs_of(SEQUENCES, kept=9)
    first = pairs.row(1)
    pairs.row(2)
    assert pairs.row(1) is first  # used again, so item 2 makes room for item 3
    pairs.row(3)
    assert pairs.row(1) is first
    assert list(pairs._rows) == [3, 1] and pairs._size == 8


@given(st.lists(st.text("abcdefghijkl", min_size=1, max_size=8), min_size=1, max_size=8))
def test_the_rows_are_those_of_the_whole_table(sequences: list[str]) -> None:
    """Short rows and long ones are counted in two ways."""
    pairs = pairs_of({f"u{k}": sequence for k, sequence in enumerate(sequences)})
    for place, item in enumerate("abcdefghijkl", start=1):
        wanted = [sum({item, other} <= set(sequence) for sequence in sequences) for other in "abcdefghijkl"]
        assert pairs.of(place, np.arange(1, 13)).tolist() == wanted


@given(st.sets(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_marks_are_those_of_numpy(many: set[int], some: list[int]) -> None:
    ascending = np.array(sorted(many), dtype=np.int32)
    assert among(ascending, np.array(some, dtype=np.int64)).tolist() == np.isin(ascending, some).tolist()
