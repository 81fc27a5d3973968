"""Which training interactions get a reason: enough for every item, spread evenly over users; and for whom it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.sections import SelectSettings


@dataclass(frozen=True)
class Selection:
    """The interactions that get a reason and whose history each reason is written from.

    Sorted by (user, position), so that a user's reasons are written in time order.

    Attributes:
        rows: Rows of the history, the interactions the reasons stand for, shape ``(K,)``.
        users: Users the reasons are written for, shape ``(K,)``; the interactions' own users unless shuffled.
        positions: Interactions of those users that each reason may see, shape ``(K,)``.
    """

    rows: NDArray[np.int64]
    users: NDArray[np.int64]
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of reasons."""
        return len(self.rows)

    def take(self, places: NDArray[np.int64]) -> Selection:
        """The part at the given places."""
        return Selection(self.rows[places], self.users[places], self.positions[places])


def run_selection(history: TrainHistory, settings: SelectSettings, seed: int) -> NDArray[np.int64]:
    """The interactions that get a reason in a run; training asks for them before correction writes about them.

    Args:
        history: Training interactions.
        settings: How many per item.
        seed: Seed of the run.

    Returns:
        Sorted row numbers.
    """
    return select_interactions(history, settings.reasons_per_item, np.random.default_rng([seed, 5]))


def for_own_users(history: TrainHistory, rows: NDArray[np.int64]) -> Selection:
    """Every reason for the user of its interaction; ``rows`` are sorted."""
    return Selection(rows, history.users[rows], history.positions[rows])


def for_other_users(history: TrainHistory, rows: NDArray[np.int64], rng: np.random.Generator) -> Selection:
    """Every reason for another user, drawn evenly, at a random position of that user's training history.

    A user who took the item as well is asked before taking it: no prompt holds its target in the history.

    Raises:
        ConfigurationError: There is one user only.
    """
    active = np.flatnonzero(np.diff(history.indptr))
    if len(active) < 2:
        raise ConfigurationError("shuffle_users: True needs two users with training interactions: set it to False.")
    own = np.searchsorted(active, history.users[rows])
    others = active[(own + rng.integers(1, len(active), size=len(rows))) % len(active)]
    positions = np.zeros(len(rows), dtype=np.int64)
    for place, (row, other) in enumerate(zip(rows, others, strict=True)):
        taken = np.flatnonzero(history.of_user(int(other)) == history.items[row])
        last = int(taken[0]) if len(taken) else len(history.of_user(int(other))) - 1
        positions[place] = rng.integers(min(1, last), last + 1)  # a first interaction has no history to speak of
    order = np.lexsort((rows, positions, others))
    return Selection(rows[order], others[order], positions[order])


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


def time_steps(users: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Places by step: step ``s`` holds the ``s``-th place of every user that has so many; ``users`` are sorted."""
    starts = np.flatnonzero(np.r_[True, users[1:] != users[:-1]])
    rank = np.arange(len(users)) - np.repeat(starts, np.diff(np.r_[starts, len(users)]))
    return [np.flatnonzero(rank == step) for step in range(int(rank.max()) + 1)]
