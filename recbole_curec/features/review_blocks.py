"""Item vectors made of item text and of what the training reviews of the item say, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.features.pooling import scaled_beside
from recbole_curec.reviews.vectors import ReviewVectors


@dataclass(frozen=True)
class ReviewBlocks:
    """Text vectors with a second block of coordinates, the mean vector of the item's training reviews.

    Attributes:
        users: Original user id of every review, shape ``(n,)``.
        item_rows: Row of the item of every review, shape ``(n,)``.
        items: Text and mean review of every item, zeros in the second block where there is no review, shape
            ``(items, T + D)``.
        reviews: The item's text and the review itself, shape ``(n, T + D)``.
        texts: ``items`` with zeros in the second block, shape ``(items, T + D)``.
        review_texts: ``reviews`` with zeros in the second block, shape ``(n, T + D)``.
    """

    users: list[str]
    item_rows: NDArray[np.int64]
    items: NDArray[np.float32]
    reviews: NDArray[np.float32]
    texts: NDArray[np.float32]
    review_texts: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        texts: NDArray[np.float32],
        found: ReviewVectors,
        item_rows: NDArray[np.int64],
        shuffle: np.random.Generator | None = None,
    ) -> ReviewBlocks:
        """Put reviews beside item text.

        Both blocks get the same total variance over the reviewed items, so that neither decides alone which directions
        are kept.

        Args:
            texts: Vector of every item's text, shape ``(items, T)``.
            found: Vectors of the training reviews.
            item_rows: Row of the item of every review, shape ``(n,)``.
            shuffle: Gives every review's vector to another review; None leaves them where they are.
        """
        vectors = found.vectors - found.vectors.mean(axis=0)
        if shuffle is not None:
            vectors = vectors[shuffle.permutation(len(vectors))]
        means, vectors = scaled_beside(texts, item_rows, vectors)
        return cls(
            users=found.users.tolist(),
            item_rows=item_rows,
            items=np.concatenate([texts, means], axis=1),
            reviews=np.concatenate([texts[item_rows], vectors], axis=1),
            texts=np.concatenate([texts, np.zeros_like(means)], axis=1),
            review_texts=np.concatenate([texts[item_rows], np.zeros_like(vectors)], axis=1),
        )
