from __future__ import annotations

import pandas as pd
import pytest

from recbole_curec.benchmark.overlap import overlaps, same_interactions


def _ranks(ranks: dict[str, int]) -> pd.DataFrame:
    """Test interactions of users named by letters, all with item i; in the order given."""
    return pd.DataFrame(
        {"user": list(ranks), "item": "i", "rank": list(ranks.values()), "rank_without_history": [1] * len(ranks)}
    )


def test_shares_of_hits_by_hand() -> None:
    first = [_ranks({"a": 1, "b": 2, "c": 3, "d": 4}), _ranks({"a": 3, "b": 1, "c": 9, "d": 9})]
    second = [_ranks({"d": 1, "c": 9, "b": 2, "a": 9}), _ranks({"d": 9, "c": 9, "b": 9, "a": 9})]  # in another order
    found = overlaps({"x": first, "y": second}, cutoff=2)
    # Hits of x: {a, b} and {b}; of y: {b, d} and none.
    assert list(found) == [("x", "x"), ("x", "y"), ("y", "y")]
    assert (found["x", "x"].jaccard, found["x", "x"].union) == (1 / 2, 2 / 4)
    assert (found["x", "y"].jaccard, found["x", "y"].union) == (
        pytest.approx((1 / 3 + 0) / 2), pytest.approx((3 / 4 + 1 / 4) / 2),
    )  # fmt: skip
    assert overlaps({"x": first, "y": second}, 2, "rank_without_history")["x", "y"].jaccard == 1


def test_without_hits_there_is_no_share_and_with_one_seed_no_pair_of_them() -> None:
    found = overlaps({"x": [_ranks({"a": 5})], "y": [_ranks({"a": 6})]}, cutoff=2)
    assert list(found) == [("x", "y")]
    assert (found["x", "y"].jaccard, found["x", "y"].union) == (None, 0)


def test_seeds_with_other_test_interactions_have_no_overlap() -> None:
    first, second = _ranks({"a": 1, "b": 5}), _ranks({"a": 1, "b": 5}).assign(item=["i", "j"])
    assert list(overlaps({"x": [first, second], "y": [first, second]}, cutoff=2)) == [("x", "y")]
    assert same_interactions([first, first[::-1]])
    assert not same_interactions([first, second])
