"""Sampling of negatives: items that a user has not taken, and users who have not taken an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

_TRIES = 100
_TRIED = 4  # draws per wanted user


def negative_item(history: TrainHistory, user: int, rng: np.random.Generator) -> int:
    """A training item the user has not taken, drawn by popularity so that popularity does not reveal negatives.

    For a user who has taken every item it is one of these, since there are no negatives.
    """
    own = history.of_user(user)
    for _ in range(_TRIES):
        item = int(history.items[rng.integers(history.n_interactions)])
        if item not in own:
            return item
    others = np.setdiff1d(np.unique(history.items), own)
    return int(rng.choice(others)) if len(others) else int(own[0])


def negative_items(history: TrainHistory, users: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """For each user a training item that the user has not taken, drawn by popularity, shape ``(n,)``.

    Args:
        history: Training interactions.
        users: Users, one entry per wanted negative, shape ``(n,)``.
        rng: Source of every choice.
    """
    taken = np.unique(history.users * history.n_items + history.items)
    drawn = history.items[rng.integers(history.n_interactions, size=len(users))]
    for _ in range(_TRIES):
        own = np.flatnonzero(_holds(taken, users * history.n_items + drawn))
        if not len(own):
            return drawn
        drawn[own] = history.items[rng.integers(history.n_interactions, size=len(own))]
    for row in np.flatnonzero(_holds(taken, users * history.n_items + drawn)):
        drawn[row] = negative_item(history, int(users[row]), rng)
    return drawn


def _holds(sorted_values: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    places = np.minimum(np.searchsorted(sorted_values, wanted), len(sorted_values) - 1)
    return np.asarray(sorted_values[places] == wanted)


class OtherUsers:
    """Draws other users who have not taken an item, at the same position in their histories.

    The effect of a reason for these users is its effect for anyone. Users with longer histories, or with the item,
    would differ from the reason's own user in more than their tastes.

    Args:
        history: Training interactions.
    """

    def __init__(self, history: TrainHistory) -> None:
        self._history = history
        lengths = np.diff(history.indptr)
        self._by_length = np.argsort(lengths, kind="stable")
        self._lengths = lengths[self._by_length]
        order = np.argsort(history.items, kind="stable")
        self._takers = history.users[order]
        self._bounds = np.searchsorted(history.items[order], np.arange(history.n_items + 1))

    def draw(
        self, user: int, item: int, position: int, count: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Other users and a position in each one's history, both of shape ``(count,)``; drawn with replacement.

        If no other user has so many interactions, users with the longest histories are drawn, at the end of these; if
        all users have taken the item, both are empty.

        Args:
            user: The user the reason is for.
            item: The item.
            position: Number of interactions of the user before the item.
            count: Number of other users.
            rng: Source of the choice.
        """
        takers = self._takers[self._bounds[item] : self._bounds[item + 1]]
        known = int(np.searchsorted(self._lengths, 1))  # padding, and users without training interactions, come first
        start = max(int(np.searchsorted(self._lengths, position)), known)
        drawn = self._drawn(start, takers, user, count, rng)
        lengths = self._history.indptr[drawn + 1] - self._history.indptr[drawn]
        return drawn, np.minimum(lengths, position)

    def _drawn(
        self, start: int, takers: NDArray[np.int64], user: int, count: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        if start < len(self._by_length):
            # A few draws nearly always contain enough users without the item; filtering all users is much slower.
            tried = self._by_length[rng.integers(start, len(self._by_length), size=_TRIED * count)]
            found = self._without(tried, takers, user)[:count]
            if len(found) == count:
                return found
        pool = self._without(self._by_length[start:], takers, user)
        if not len(pool):
            known = int(np.searchsorted(self._lengths, 1))
            pool = self._without(self._by_length[known:], takers, user)[-max(count, 1) :]
        return pool[rng.integers(len(pool), size=count)] if len(pool) else pool

    @staticmethod
    def _without(users: NDArray[np.int64], takers: NDArray[np.int64], user: int) -> NDArray[np.int64]:
        others: NDArray[np.int64] = users[~np.isin(users, takers) & (users != user)]
        return others
