"""Directions in which neighbours in a history are alike."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.data.history import TrainHistory
from recbole_curec.features import canonical_directions as module
from recbole_curec.features.canonical_directions import canonical_directions

_ITEMS = 40


def _history(users: list[list[int]]) -> TrainHistory:
    lengths = [0, *(len(items) for items in users)]
    return TrainHistory(
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=np.array([item for items in users for item in items], dtype=np.int64),
        n_items=_ITEMS + 1,
        user_tokens=np.array([""] + [f"u{user}" for user in range(len(users))]),
        item_tokens=np.array([""] + [f"i{item}" for item in range(_ITEMS)]),
    )


def _white(dim: int) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(size=(_ITEMS, dim))
    vectors, _ = np.linalg.qr(vectors - vectors.mean(axis=0))
    return (vectors * np.sqrt(_ITEMS)).astype(np.float32)


@pytest.mark.parametrize("telling", [0, 3])
def test_the_direction_that_neighbours_share_comes_first(telling: int) -> None:
    vectors = _white(5)
    order = np.argsort(vectors[:, telling]) + 1  # items next to each other here are alike in this direction alone
    users = [order[start : start + 4].tolist() for start in range(0, _ITEMS, 4)]
    directions = canonical_directions(vectors, _history(users))
    assert np.abs(directions[telling, 0]) > 0.9
    np.testing.assert_allclose(directions.T @ directions, np.eye(5), atol=1e-5)


def test_agreement_falls_from_column_to_column() -> None:
    vectors = _white(5)
    history = _history(np.random.default_rng(3).integers(1, _ITEMS + 1, size=(30, 6)).tolist())
    turned = vectors @ canonical_directions(vectors, history)
    count = np.bincount(history.items - 1, minlength=_ITEMS)
    agreement = np.zeros(5)
    for user in range(1, history.n_users):
        items = history.of_user(user) - 1
        for place, later in enumerate(items):
            for distance in (1, 2, 3):
                if place >= distance:
                    earlier = items[place - distance]
                    agreement += turned[earlier] * turned[later] / distance / np.sqrt(count[earlier] * count[later])
    assert (np.diff(agreement) <= 1e-4).all()
    assert agreement[0] > agreement[-1]


def test_how_often_an_item_was_taken_does_not_matter() -> None:
    vectors = _white(4)
    pairs = [[1, 2], [3, 4], [5, 6], [7, 8]]
    once, often = (canonical_directions(vectors, _history(users)) for users in (pairs, pairs + [[1, 2]] * 50))
    np.testing.assert_allclose(np.abs(np.sum(once * often, axis=0)), 1, atol=1e-3)


def test_without_neighbours_nothing_is_turned() -> None:
    np.testing.assert_array_equal(canonical_directions(_white(4), _history([[1], [2], [3]])), np.eye(4))


def test_many_items_are_computed_with_in_parts_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _white(5)
    history = _history(np.random.default_rng(3).integers(1, _ITEMS + 1, size=(30, 6)).tolist())
    whole = canonical_directions(vectors, history)
    monkeypatch.setattr(module, "_ROWS", 7)
    np.testing.assert_allclose(canonical_directions(vectors, history), whole, atol=1e-5)
