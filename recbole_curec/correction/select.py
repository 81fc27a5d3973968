"""Selection of the training interactions that get a reason, and of the users that the reasons are written for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.sections import SelectSettings


@dataclass(frozen=True)
class Selection:
    """The interactions that get a reason, and the users and positions that the reasons are written for.

    Sorted by (user, position), so that a user's reasons are written in time order.

    Attributes:
        rows: Rows of the history, the explained interactions, shape ``(K,)``.
        users: Users the reasons are written for, shape ``(K,)``; the interactions' own users unless shuffled.
        positions: Number of earlier interactions of those users that each reason may use, shape ``(K,)``.
    """

    rows: NDArray[np.int64]
    users: NDArray[np.int64]
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of reasons."""
        return len(self.rows)

    def take(self, places: NDArray[np.int64]) -> Selection:
        """The part at the given indices."""
        return Selection(self.rows[places], self.users[places], self.positions[places])


def run_selection(history: TrainHistory, settings: SelectSettings, seed: int) -> NDArray[np.int64]:
    """The interactions that get a reason in a run: the same for training and for correction.

    Args:
        history: Training interactions.
        settings: Number of interactions per item and in all.
        seed: Seed of the run.

    Returns:
        Sorted row numbers of the history.
    """
    shares = item_shares(history, settings.reasons_per_item, settings.reasons_total, seed)
    return select_interactions(history, shares, np.random.default_rng([seed, 5]))


def item_shares(history: TrainHistory, per_item: int, total: int | None, seed: int) -> NDArray[np.int64]:
    """How many interactions of every item get a reason, shape ``(n_items,)``.

    Without a total: ``per_item`` of every item, or all that it has. A total is shared out by D'Hondt's rule: the next
    reason goes to the item with the most interactions per reason, that one included. A model reads an item's vector
    once per interaction, and of the reasons in it each further one changes it less. Ties are drawn.

    Args:
        history: Training interactions.
        per_item: Most reasons of an item.
        total: Most reasons in all.
        seed: Seed of the run.
    """
    counts = np.bincount(history.items, minlength=history.n_items)
    most = np.minimum(counts, per_item)
    if total is None or total >= most.sum():
        return most
    items = np.repeat(np.arange(history.n_items), most)
    reasons = np.arange(len(items)) - np.repeat(np.cumsum(most) - most, most) + 1  # 1, 2, ... of every item
    ties = np.random.default_rng([seed, 5, 2]).random(len(items))
    best = np.lexsort((ties, -counts[items] / reasons))[:total]
    return np.bincount(items[best], minlength=history.n_items)


def for_own_users(history: TrainHistory, rows: NDArray[np.int64]) -> Selection:
    """Reasons written for the users of the interactions; ``rows`` are sorted."""
    return Selection(rows, history.users[rows], history.positions[rows])


def for_other_users(history: TrainHistory, rows: NDArray[np.int64], rng: np.random.Generator) -> Selection:
    """Reasons written for other users, drawn uniformly, at random positions of their training histories.

    For a user who also took the item the position is before that interaction, so that no prompt shows its target in the
    history.

    Raises:
        ConfigurationError: There is only one user.
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
        positions[place] = rng.integers(min(1, last), last + 1)  # not 0 if possible: a first interaction has no history
    order = np.lexsort((rows, positions, others))
    return Selection(rows[order], others[order], positions[order])


def select_interactions(
    history: TrainHistory, shares: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Rows of the history: of every item as many as :func:`item_shares` gives it.

    Among an item's interactions, those with a history are preferred to a user's first one, and users with few selected
    interactions to users with many: correction then needs few time steps, with full batches.

    Returns:
        Sorted row numbers of the history.
    """
    users, positions = history.users, history.positions
    by_item = np.argsort(history.items, kind="stable")
    counts = np.bincount(history.items, minlength=history.n_items)
    ends = np.cumsum(counts)
    load = np.zeros(history.n_users, dtype=np.int64)
    chosen: list[NDArray[np.int64]] = []
    # Rare items have few candidates, so they are selected first and popular items balance the load afterwards.
    order = np.argsort(counts, kind="stable")
    for item in order[shares[order] > 0]:
        rows = by_item[ends[item] - counts[item] : ends[item]]
        keys = (rng.random(len(rows)), load[users[rows]], positions[rows] == 0)
        best = rows[np.lexsort(keys)][: shares[item]]
        load[users[best]] += 1
        chosen.append(best)
    return np.sort(np.concatenate(chosen))


def time_steps(users: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Indices by time step: step ``s`` holds the ``s``-th reason of every user with so many; ``users`` are sorted."""
    starts = np.flatnonzero(np.r_[True, users[1:] != users[:-1]])
    rank = np.arange(len(users)) - np.repeat(starts, np.diff(np.r_[starts, len(users)]))
    return [np.flatnonzero(rank == step) for step in range(int(rank.max()) + 1)]
