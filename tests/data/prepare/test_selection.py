from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.data.prepare.selection import k_core, time_order, without_duplicates


def test_equal_times_keep_the_order_of_the_file() -> None:
    assert time_order(np.array([3.0, 1.0, 3.0, 1.0, 2.0])).tolist() == [1, 3, 4, 0, 2]


def test_one_row_of_a_pair_stays() -> None:
    users, items = np.array([0, 1, 0, 0]), np.array([0, 0, 0, 1])
    assert without_duplicates(users, items, "last").tolist() == [False, True, True, True]
    assert without_duplicates(users, items, "first").tolist() == [True, True, False, True]


def test_dropping_goes_on_until_nothing_changes() -> None:
    # Users 0 and 1 share items 0 and 1; user 2 has item 1 and, alone, item 2: without it user 2 has too few.
    users, items = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 1, 2])
    core = k_core(users, items, 2)
    assert core.kept.tolist() == [True, True, True, True, False, False]
    assert core.rounds == 2
    assert k_core(users, items, 0).kept.all()
    assert k_core(users, items, 1).rounds == 0
    assert not k_core(users, items, 3).kept.any()


def test_nothing_at_all() -> None:
    none = np.array([], dtype=np.int64)
    assert len(k_core(none, none, 5).kept) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), unique=True, min_size=1), st.integers(1, 4))
def test_the_core_is_the_largest_set_in_which_all_have_enough(pairs: list[tuple[int, int]], k: int) -> None:
    users, items = (np.array(column) for column in zip(*pairs, strict=True))
    kept = k_core(users, items, k).kept
    left = [pair for pair, stays in zip(pairs, kept, strict=True) if stays]
    assert all(sum(pair[side] == one[side] for pair in left) >= k for one in left for side in (0, 1))
    # Rows dropped one at a time, in the order of the list, lead to the same set.
    rest = list(pairs)
    while True:
        short = [one for one in rest if any(sum(pair[side] == one[side] for pair in rest) < k for side in (0, 1))]
        if not short:
            break
        rest.remove(short[0])
    assert rest == left


@pytest.mark.parametrize("keep", ["first", "last"])
def test_pairs_are_told_apart_by_both_sides(keep: str) -> None:
    assert without_duplicates(np.array([0, 0, 1]), np.array([0, 1, 0]), keep).all()  # type: ignore[arg-type]
