"""Negatives: items that a user does not have, and users who do not have an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

_TRIES = 100
_TRIED = 4  # draws per user that is wanted


def negative_item(history: TrainHistory, user: int, rng: np.random.Generator) -> int:
    """A training item the user does not have, drawn by popularity so that popularity does not give it away.

    A user who has every item gets one of their own; such a user has no negatives.
    """
    own = history.of_user(user)
    for _ in range(_TRIES):
        item = int(history.items[rng.integers(history.n_interactions)])
        if item not in own:
            return item
    others = np.setdiff1d(np.unique(history.items), own)
    return int(rng.choice(others)) if len(others) else int(own[0])


def negative_items(history: TrainHistory, users: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A training item for each user that the user does not have, drawn by popularity, shape ``(n,)``.

    Args:
        history: Training interactions.
        users: Users, repeated as often as a negative is wanted, shape ``(n,)``.
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
    """Draws users in the same situation who did not take an item: as many interactions behind them, the item not taken.

    What a reason does for them is what it does for anyone. Compared with somebody whose history is longer, or who has
    the item, it would be told apart by that alone.

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
        """Other users and the position at which each is asked, both of shape ``(count,)``; with repetition.

        Where nobody else has so many interactions, the users with the longest histories stand in, at their end; where
        everybody has the item, both are empty.

        Args:
            user: The user the reason is for.
            item: The item.
            position: Interactions of the user before the item.
            count: How many others.
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
            # A few draws nearly always hold enough users without the item; filtering everybody costs far more.
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
