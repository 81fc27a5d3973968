"""The reviews of a file as arrays of numbers; their texts lie on disk."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.prepare.source import RawReview
from recbole_curec.data.prepare.spill import RowSpill


@dataclass(frozen=True)
class CodedReviews:
    """Reviews in the order of their file.

    Attributes:
        user_ids: Ids of the users, in the order in which they come.
        item_ids: Ids of the items.
        users: Place of each review's user in ``user_ids``, shape ``(N,)``.
        items: Place of its item in ``item_ids``, shape ``(N,)``.
        ratings: Its rating, nan where there is none, shape ``(N,)``.
        times: Its time, 0 if the source has none, shape ``(N,)``.
        texts: Summary, review and further fields of each.
    """

    user_ids: list[str]
    item_ids: list[str]
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    ratings: NDArray[np.float64]
    times: NDArray[np.float64]
    texts: RowSpill

    def __len__(self) -> int:
        return len(self.users)


def coded(reviews: Iterable[RawReview], texts: RowSpill) -> CodedReviews:
    """Read reviews one by one: 24 bytes of memory for each, and its texts to disk.

    Args:
        reviews: The reviews.
        texts: Where the texts go; empty before.
    """
    users, items, ratings, times = array("i"), array("i"), array("d"), array("d")
    user_codes: dict[str, int] = {}
    item_codes: dict[str, int] = {}
    nothing = float("nan")
    for review in reviews:
        users.append(user_codes.setdefault(review.user, len(user_codes)))
        items.append(item_codes.setdefault(review.item, len(item_codes)))
        ratings.append(nothing if review.rating is None else review.rating)
        times.append(review.time or 0.0)
        texts.append((review.summary, review.review, *review.more))
    return CodedReviews(
        list(user_codes),
        list(item_codes),
        np.frombuffer(users, dtype=np.int32),
        np.frombuffer(items, dtype=np.int32),
        np.frombuffer(ratings, dtype=np.float64),
        np.frombuffer(times, dtype=np.float64),
        texts,
    )
