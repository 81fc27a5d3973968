"""The past training reviews of users and items: which of them a rating model may read for a row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import DataError

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class PastReviews:
    """The training reviews, and for any row the most recent ones of its user and of its item.

    A review's number is its position here plus 1; 0 stands for no review.

    Attributes:
        users: User of every review, shape ``(N,)``.
        items: Item of every review, shape ``(N,)``; a pair of user and item occurs once.
        ranks: Exact time rank of every review, unique, shape ``(N,)``.
        longest: Most reviews of a side, ``H``.
        chronological: Whether only strictly earlier reviews may be read; else all but the row's own.
    """

    users: Ids
    items: Ids
    ranks: Ids
    longest: int
    chronological: bool
    _span: int = field(init=False)
    _sides: tuple[_Side, _Side] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the reviews of every user and item by time."""
        pairs = self.users * (int(self.items.max(initial=0)) + 1) + self.items
        repeated = len(pairs) - len(np.unique(pairs))
        if repeated:
            raise DataError(
                f"{repeated} training reviews are of an item that the same user has reviewed before, so one's rating "
                "would be predicted from another: keep one of each, for example with rm_dup_inter: last."
            )
        object.__setattr__(self, "_span", int(self.ranks.max(initial=0)) + 2)
        sides = (self._side(self.users), self._side(self.items))
        object.__setattr__(self, "_sides", sides)

    def __len__(self) -> int:
        """Number of training reviews."""
        return len(self.users)

    def of_users(self, users: Ids, items: Ids, ranks: Ids) -> Ids:
        """Numbers of the users' past reviews.

        Args:
            users: User of every row, shape ``(B,)``.
            items: Item of every row, whose own review is left out, shape ``(B,)``.
            ranks: Exact time rank of every row, shape ``(B,)``.

        Returns:
            The most recent first, padded with 0 on the right, shape ``(B, H)``.
        """
        return self._recent(self._sides[0], users, ranks, self.items, items)

    def of_items(self, users: Ids, items: Ids, ranks: Ids) -> Ids:
        """Numbers of the items' past reviews; arguments and result are those of :meth:`of_users`."""
        return self._recent(self._sides[1], items, ranks, self.users, users)

    def _side(self, owners: Ids) -> _Side:
        order = np.lexsort((self.ranks, owners))
        return _Side(order, owners[order] * self._span + self.ranks[order])

    def _recent(self, side: _Side, owners: Ids, ranks: Ids, others: Ids, own: Ids) -> Ids:
        first = np.searchsorted(side.keys, owners * self._span)
        limit = np.minimum(ranks, self._span - 1) if self.chronological else self._span - 1
        end = np.searchsorted(side.keys, owners * self._span + limit)
        # One more than is returned: the row's own review may be among them.
        places = end[:, None] - 1 - np.arange(self.longest + 1)  # (B, H + 1)
        found = places >= first[:, None]
        reviews = side.order[np.where(found, places, 0)] if len(side.order) else np.zeros_like(places)
        found &= others[reviews] != own[:, None] if len(others) else False
        numbers = np.where(found, reviews + 1, 0)
        gaps_last = np.argsort(~found, axis=1, kind="stable")
        recent: Ids = np.take_along_axis(numbers, gaps_last, axis=1)[:, : self.longest]
        return recent


@dataclass(frozen=True)
class _Side:
    """Reviews sorted by owner and time: their positions, and keys that sort in the same way."""

    order: Ids
    keys: Ids
