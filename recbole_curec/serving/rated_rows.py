"""The ratings that the data hold, of all splits, with the time of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from recbole_curec.explanations.ratings import Split


@dataclass(frozen=True)
class Rated:
    """A rating that the data hold.

    Attributes:
        item: Internal item id.
        rating: On its own scale.
        rank: Exact time rank among all rows.
        split: The split that it is in.
    """

    item: int
    rating: float
    rank: int
    split: Split


class RatedRows:
    """Ratings by user, and by user and item.

    Args:
        splits: Our datasets of training, validation and test.
    """

    def __init__(self, splits: Sequence[Any]) -> None:
        self._by_user: dict[int, list[Rated]] = {}
        self._by_pair: dict[tuple[int, int], Rated] = {}
        for name, split in zip(get_args(Split), splits, strict=True):
            rows = split.inter_feat
            users, items = rows[split.uid_field].tolist(), rows[split.iid_field].tolist()
            # RecBole holds 3.7 as the float32 next to it; the shortest number that is read as that one is the file's.
            ratings = rows[split.label_field].numpy().astype(np.float32).astype(str).astype(np.float64).tolist()
            for user, item, rating, rank in zip(users, items, ratings, rows.ranks.tolist(), strict=True):
                found = Rated(item, rating, rank, name)
                self._by_user.setdefault(user, []).append(found)
                self._by_pair[user, item] = found
        for rated in self._by_user.values():
            rated.sort(key=lambda one: one.rank)
        self.today = max(one.rank for one in self._by_pair.values()) + 1

    @property
    def users(self) -> list[int]:
        """Internal ids of all users with a rating, ascending."""
        return sorted(self._by_user)

    def of_user(self, user: int) -> list[Rated]:
        """A user's ratings, oldest first."""
        return self._by_user.get(user, [])

    def of_pair(self, user: int, item: int) -> Rated | None:
        """What a user gave an item; None where the data do not hold it, of several the one in the last split."""
        return self._by_pair.get((user, item))

    def rank(self, user: int, item: int) -> int:
        """Exact time rank of a pair; that of today where the data do not hold it."""
        found = self.of_pair(user, item)
        return self.today if found is None else found.rank
