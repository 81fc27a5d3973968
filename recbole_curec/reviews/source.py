"""The data behind RecCoT's stages: the reviews and ratings of the training split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.reviews.table import ReviewTable


@dataclass(frozen=True)
class ReviewSource:
    """Training reviews, sorted by original user id and position in the user's training history.

    Attributes:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        ratings: Ratings on their own scale, shape ``(N,)``.
        texts: Reviews, empty where there is none, shape ``(N,)``.
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    ratings: NDArray[np.float64]
    texts: NDArray[np.object_]

    def fingerprint(self) -> dict[str, Any]:
        """Hash of all training reviews with their ratings; it depends on no held-out row."""
        columns = {"users": self.users, "items": self.items, "ratings": self.ratings, "texts": self.texts}
        return {"reviews": fingerprint({name: column.tolist() for name, column in columns.items()})}

    def table(self, folds: int) -> ReviewTable:
        """The reviews with the fold of each.

        Raises:
            DataError: A user reviewed an item twice.
        """
        return ReviewTable(self.users, self.items, self.ratings, self.texts, fold_of(self.users, self.items, folds))


def fold_of(users: NDArray[np.str_], items: NDArray[np.str_], folds: int) -> NDArray[np.int64]:
    """Fold of every review, shape ``(N,)``: of equal size, and drawn by the ids alone, so that no seed moves them."""
    drawn = [
        hashlib.sha256(f"{user}\0{item}".encode()).digest()
        for user, item in zip(users.tolist(), items.tolist(), strict=True)
    ]
    places = np.empty(len(drawn), dtype=np.int64)
    places[sorted(range(len(drawn)), key=drawn.__getitem__)] = np.arange(len(drawn))
    return places % folds
