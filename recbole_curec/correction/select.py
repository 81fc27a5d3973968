"""Which training interactions get a reason: enough for every item, spread evenly over users."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory


def select_interactions(history: TrainHistory, per_item: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of the history, ``per_item`` for every item that has as many and all of them where it has fewer.

    Among an item's interactions, those with a history come before a user's very first one, and users with few selected
    interactions before users with many: the walk through time is then short and its batches full.

    Returns:
        Sorted row numbers.
    """
    users, positions = history.users, history.positions
    by_item = np.argsort(history.items, kind="stable")
    counts = np.bincount(history.items, minlength=history.n_items)
    ends = np.cumsum(counts)
    load = np.zeros(history.n_users, dtype=np.int64)
    chosen: list[NDArray[np.int64]] = []
    # Rare items leave no choice, so they go first and popular items fill up around them.
    for item in np.argsort(counts, kind="stable"):
        if counts[item] == 0:
            continue
        rows = by_item[ends[item] - counts[item] : ends[item]]
        keys = (rng.random(len(rows)), load[users[rows]], positions[rows] == 0)
        best = rows[np.lexsort(keys)][:per_item]
        load[users[best]] += 1
        chosen.append(best)
    return np.sort(np.concatenate(chosen))


def time_steps(history: TrainHistory, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Rows by step: step ``s`` holds the ``s``-th selected interaction of every user that has so many."""
    users = history.users[rows]
    starts = np.flatnonzero(np.r_[True, users[1:] != users[:-1]])
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    return [rows[rank == step] for step in range(int(rank.max()) + 1)]
