"""Everything that is known of every user: all interactions of a dataset, in order, whatever split they are in."""

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
    """The histories behind the three splits of a dataset of ours or of RecBole's.

    Args:
        splits: Datasets of training, validation and test.
    """
    first = splits[0]
    rows = first.inter_feat
    if hasattr(rows, "flat"):  # our sequential rows are cut from one table of all interactions, sorted already
        return _grouped(rows.flat[first.uid_field].numpy(), rows.flat[first.iid_field].numpy(), first.user_num)
    parts = [_rows(split) for split in splits]
    users, items, order = (np.concatenate([part[place] for part in parts]) for place in range(3))
    sorted_rows = np.lexsort((order, users))
    return _grouped(users[sorted_rows], items[sorted_rows], first.user_num)


def _rows(split: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Users, items and what to sort by within a user; splits follow each other where nothing else tells."""
    rows = split.inter_feat
    users, items = (rows[field].numpy() for field in (split.uid_field, split.iid_field))
    if hasattr(rows, "ranks"):
        return users, items, rows.ranks.numpy().astype(np.float64)
    length = getattr(split, "item_list_length_field", None)
    if length in rows:
        # RecBole's sequential rows are prediction targets; a user's first item is only ever an input.
        opening = rows[length].numpy() == 1
        lists = rows[getattr(split, f"{split.iid_field}_list_field")].numpy()
        users = np.concatenate([users[opening], users])
        items = np.concatenate([lists[opening, 0], items])
    time = split.time_field
    if time in rows and length not in rows:
        return users, items, rows[time].numpy().astype(np.float64)
    return users, items, np.zeros(len(users))


def _grouped(users: NDArray[np.int64], items: NDArray[np.int64], n_users: int) -> Histories:
    counts = np.bincount(users, minlength=n_users)
    return Histories(np.concatenate([[0], np.cumsum(counts)]), items)
