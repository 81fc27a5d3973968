"""Recall of the items nearest to the last ones of a history, on vectors whose ranks are known."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.data.history import TrainHistory
from recbole_curec.features.nearest_items import NextItems, recall_of_nearest


def history(*taken: list[int], n_items: int = 7) -> TrainHistory:
    """A history of users 1 onwards."""
    lengths = [0, 0, *map(len, taken)]
    return TrainHistory(
        indptr=np.cumsum(lengths).astype(np.int64),
        items=np.concatenate(taken).astype(np.int64),
        n_items=n_items,
        user_tokens=np.array(["", *(f"u{k}" for k in range(len(taken)))]),
        item_tokens=np.array(["", *(f"i{k}" for k in range(1, n_items))]),
    )


# Items 1 to 6 by angle: 1, 2 and 3 beside one another, 4 and 5 at a right angle to 1, 6 opposite.
ANGLES = np.deg2rad([0, 10, 25, 90, 100, 180])
VECTORS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32) * np.array(
    [[1], [5], [1], [3], [1], [2]], dtype=np.float32
)


@pytest.mark.parametrize(
    ("before", "target", "top", "recent", "expected"),
    [
        ([1], 2, 1, 5, 1.0),  # nearest to item 1, whatever its length
        ([1], 3, 1, 5, 0.0),  # item 2 is nearer
        ([1], 3, 2, 5, 1.0),
        ([2, 1], 3, 1, 5, 1.0),  # the history is left out
        ([6, 1], 2, 1, 1, 1.0),  # the last item alone
        ([4, 5, 1], 3, 1, 3, 1.0),  # the mean of all three lies at about 60 degrees: 3 before 2
        ([4, 5, 1], 3, 1, 1, 0.0),
    ],
)
def test_recall_on_known_ranks(before: list[int], target: int, top: int, recent: int, expected: float) -> None:
    wanted = NextItems([np.array(before)], np.array([target]))
    assert recall_of_nearest(VECTORS, wanted, recent=recent, top=top) == expected


def test_recall_is_the_share_of_users_over_several_batches() -> None:
    wanted = NextItems([np.array([1])] * 600, np.array([2, 3, 3, 3] * 150))
    assert recall_of_nearest(VECTORS, wanted, top=1) == 0.25
    assert recall_of_nearest(VECTORS, NextItems([], np.array([], dtype=np.int64))) == 0.0


def test_equal_vectors_and_zero_vectors_find_nothing() -> None:
    wanted = NextItems([np.array([1])], np.array([2]))
    assert recall_of_nearest(np.ones((6, 2), dtype=np.float32), wanted, top=4) == 0.0
    assert recall_of_nearest(np.zeros((6, 2), dtype=np.float32), wanted, top=4) == 0.0


def test_the_target_of_training_is_the_last_training_item() -> None:
    wanted = NextItems.of_training(history([1, 2, 3], [4], [5, 6, 5]), 0)
    # The second user has nothing before it, the third has taken it before.
    assert [one.tolist() for one in wanted.before] == [[1, 2]]
    assert wanted.targets.tolist() == [3]


def test_many_users_are_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recbole_curec.features.nearest_items._MOST_USERS", 3)
    many = history(*([[1, 1 + item] for item in range(1, 6)] * 2))
    first, again, other = (NextItems.of_training(many, seed).targets.tolist() for seed in (0, 0, 1))
    assert len(first) == 3 and first == again != other
