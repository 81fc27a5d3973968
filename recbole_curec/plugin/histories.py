"""The full history of every user: all interactions of a dataset in time order, from all splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Histories:
    """All interactions by user, oldest first, in internal ids.

    Attributes:
        indptr: Offsets per user, shape ``(n_users + 1,)``.
        items: Item ids, shape ``(n_interactions,)``.
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int64]

    def of_user(self, user: int) -> NDArray[np.int64]:
        """All items of a user, oldest first."""
        return self.items[self.indptr[user] : self.indptr[user + 1]]

    @property
    def users(self) -> NDArray[np.int64]:
        """Users with at least one interaction."""
        return np.flatnonzero(np.diff(self.indptr))


def known_histories(splits: Sequence[Any]) -> Histories:
    """The full histories from the three splits of one of our datasets or of RecBole's.

    Args:
        splits: Datasets of training, validation and test.
    """
    first = splits[0]
    rows = first.inter_feat
    if hasattr(rows, "flat"):  # our sequential rows are cut from one table of all interactions, sorted already
        return _grouped(rows.flat[first.uid_field].numpy(), rows.flat[first.iid_field].numpy(), first.user_num)
    users, items, order = _interactions(splits)
    sorted_rows = np.lexsort((order, users))
    return _grouped(users[sorted_rows], items[sorted_rows], first.user_num)


def _interactions(splits: Sequence[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Users, items, and a sort key within a user; without ranks or times, the order of the splits is kept."""
    first, tables = splits[0], [split.inter_feat for split in splits]

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([rows[name].numpy() for rows in tables])

    users, items = column(first.uid_field), column(first.iid_field)
    if all(hasattr(rows, "ranks") for rows in tables):
        return users, items, np.concatenate([rows.ranks.numpy() for rows in tables]).astype(np.float64)
    if getattr(first, "item_list_length_field", None) in tables[0]:
        # RecBole's sequential tables hold prediction targets, in order; a user's first item occurs only as an input.
        opening = np.unique(users, return_index=True)[1]
        lists = getattr(first, f"{first.iid_field}_list_field")
        before = np.concatenate([rows[lists][:, 0].numpy() for rows in tables])[opening]
        users, items = np.concatenate([users[opening], users]), np.concatenate([before, items])
    elif first.time_field in tables[0]:
        return users, items, column(first.time_field).astype(np.float64)
    return users, items, np.zeros(len(users))


def _grouped(users: NDArray[np.int64], items: NDArray[np.int64], n_users: int) -> Histories:
    counts = np.bincount(users, minlength=n_users)
    return Histories(np.concatenate([[0], np.cumsum(counts)]), items)
