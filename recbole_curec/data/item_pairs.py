"""How many users took two items both, counted for one item at a time, when it is asked for."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

Row = tuple[NDArray[np.int32], NDArray[np.int32]]
# Numbers of rows kept, each of 8 bytes: 128 MiB.
_KEPT = 1 << 24


class ItemPairs:
    """Number of users who took both of two items, from training interactions; repeated consumption counts once.

    The table of all pairs grows with the square of the longest histories, and a run needs few of its rows. So a row is
    counted from the histories of the item's users, and the latest rows are kept.

    Args:
        history: Training interactions.
        kept: Largest number of pairs in the rows that are kept.

    Attributes:
        item_users: Number of users of every item, shape ``(n_items,)``.
    """

    def __init__(self, history: TrainHistory, kept: int = _KEPT) -> None:
        self._n_items, self._most_kept = history.n_items, kept
        # Sorted by user, then item, each pair once.
        codes = np.unique(history.users * history.n_items + history.items)
        users, items = np.divmod(codes, history.n_items)
        self._starts = np.searchsorted(users, np.arange(history.n_users + 1))
        self._items = items.astype(np.int32)
        self.item_users = np.bincount(items, minlength=history.n_items).astype(np.int64)
        self._users = users[np.argsort(items, kind="stable")].astype(np.int32)
        self._ends = np.cumsum(self.item_users)
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._size = 0

    def row(self, item: int) -> Row:
        """The items that share a user with an item, ascending, the item itself among them, and how many users each.

        Both are empty for an item nobody took, and must not be changed.
        """
        if item in self._rows:
            self._rows.move_to_end(item)
            return self._rows[item]
        found = self._count(item)
        self._rows[item] = found
        self._size += len(found[0])
        while self._size > self._most_kept and len(self._rows) > 1:
            _, (columns, _) = self._rows.popitem(last=False)
            self._size -= len(columns)
        return found

    def of(self, item: int, others: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many users took an item and each of some others, in their order."""
        columns, counts = self.row(item)
        if len(columns) == 0:
            return np.zeros(len(others), dtype=np.int64)
        place = np.minimum(np.searchsorted(columns, others), len(columns) - 1)
        return np.where(columns[place] == others, counts[place], 0).astype(np.int64)

    def _count(self, item: int) -> Row:
        users = self._users[self._ends[item] - self.item_users[item] : self._ends[item]]
        starts = self._starts[users]
        lengths = self._starts[users + 1] - starts
        total = int(lengths.sum())
        before = np.cumsum(lengths) - lengths
        taken = self._items[np.repeat(starts - before, lengths) + np.arange(total)]
        columns: NDArray[np.int64]
        counts: NDArray[np.int64]
        if total < self._n_items // 8:
            columns, counts = np.unique(taken.astype(np.int64), return_counts=True)
        else:
            table = np.bincount(taken, minlength=self._n_items)
            columns = np.flatnonzero(table)
            counts = table[columns]
        return columns.astype(np.int32), counts.astype(np.int32)


def among(ascending: NDArray[np.int32], some: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of many different items, in ascending order, are among some; faster than ``np.isin``, which sorts both."""
    marks = np.zeros(len(ascending), dtype=bool)
    if len(ascending):
        places = np.minimum(np.searchsorted(ascending, some), len(ascending) - 1)
        marks[places[ascending[places] == some]] = True
    return marks
