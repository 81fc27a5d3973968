"""The data behind the stage ``statements``: the training reviews with their exact order over all users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from recbole_curec.pipeline.fingerprint import fingerprint


@dataclass(frozen=True)
class StatementSource:
    """Every training interaction, sorted by original user id and position in the user's training history.

    Attributes:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        ratings: Ratings on their own scale, nan where there is none, shape ``(N,)``.
        texts: Reviews, empty where there is none, shape ``(N,)``.
        ranks: See :func:`training_ranks`, shape ``(N,)``.
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    ratings: NDArray[np.float64]
    texts: NDArray[np.object_]
    ranks: NDArray[np.int64]

    def fingerprint(self) -> dict[str, Any]:
        """Hash of all training reviews with their ratings and order; it depends on no held-out row."""
        columns = {"users": self.users, "items": self.items, "texts": self.texts, "ranks": self.ranks}
        plain: dict[str, Any] = {name: column.tolist() for name, column in columns.items()}
        rated = [None if np.isnan(rating) else rating for rating in self.ratings.tolist()]
        return {"statements": fingerprint({**plain, "ratings": rated})}


def training_ranks(users: NDArray[np.str_], times: NDArray[np.float64]) -> NDArray[np.int64]:
    """When each training interaction was among all of them: 1 for the earliest; equal times have equal ranks.

    Of two users' reviews with one time stamp neither counts as earlier: where a day is all that is known, the order of
    the file's lines says nothing about two users. An interaction without a time of its own gets that of its user's last
    one before it, or 0, so that it never sees a review that is not surely earlier.

    Args:
        users: User of every interaction, sorted by user and then exact time, shape ``(N,)``.
        times: Times, nan where none is known, shape ``(N,)``.
    """
    ranks = np.zeros(len(times), dtype=np.int64)
    known = np.isfinite(times)
    ranks[known] = rankdata(times[known], method="dense")
    for row in np.flatnonzero(~known):
        if row and users[row - 1] == users[row]:
            ranks[row] = ranks[row - 1]
    return ranks
