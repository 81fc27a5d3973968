"""Small training histories and queries, for the tests of ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recbole_curec.data.history import TrainHistory
from recbole_curec.ranking.candidates import Candidates, Queries


def history_of(taken: Sequence[Sequence[int]], n_items: int) -> TrainHistory:
    """A history from the items of users 1, 2, ..., oldest first."""
    lengths = [0, 0, *map(len, taken)]
    return TrainHistory(
        indptr=np.cumsum(lengths),
        items=np.array([item for items in taken for item in items], dtype=np.int64),
        n_items=n_items,
        user_tokens=np.array(["", *(f"u{user}" for user in range(1, len(taken) + 1))]),
        item_tokens=np.array(["", *(f"i{item}" for item in range(1, n_items))]),
    )


def random_history(seed: int, n_users: int = 20, n_items: int = 15, longest: int = 9) -> TrainHistory:
    """Users who took some items at random, some of them twice."""
    rng = np.random.default_rng(seed)
    return history_of([rng.integers(1, n_items, rng.integers(3, longest)).tolist() for _ in range(n_users)], n_items)


def queries_of(pairs: Sequence[tuple[int, Sequence[int]]]) -> Queries:
    """Queries from users and pasts."""
    users = np.array([user for user, _ in pairs], dtype=np.int64)
    return Queries(users, [np.array(past, dtype=np.int64) for _, past in pairs])


def candidates_of(rows: Sequence[Sequence[int]], width: int | None = None) -> Candidates:
    """Candidates with falling scores, padded to one width."""
    width = width or max(map(len, rows))
    items = np.array([[*row, *([0] * (width - len(row)))] for row in rows], dtype=np.int64)
    scores = np.broadcast_to(-np.arange(width, dtype=np.float64), items.shape)
    return Candidates(items, np.where(items > 0, scores, -np.inf))
