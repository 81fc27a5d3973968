"""Pooling of text vectors to vectors of items and users, and the number of whitened directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

# Ratio of whitened directions to kept ones.
WIDTH_FACTOR = 2
# Fewest items per whitened direction: with as many directions as items, whitening makes all items equally dissimilar.
_ITEMS_PER_DIRECTION = 16
_FEWEST_DIRECTIONS = 16
_SUMMANDS = 1 << 16  # looked up at a time


def whitened_width(dim: int, items: int) -> int:
    """Number of whitened directions.

    Args:
        dim: Largest number of directions that are kept.
        items: Number of items with an interaction.
    """
    return min(WIDTH_FACTOR * dim, max(items // _ITEMS_PER_DIRECTION, _FEWEST_DIRECTIONS))


def mean_by(
    rows: NDArray[np.int64], vectors: NDArray[np.float32], count: int, places: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """Mean of the vectors with the same row number, zero for row numbers without a vector, shape ``(count, T)``.

    Args:
        rows: Row number of every summand.
        vectors: The summands.
        count: Number of rows.
        places: Where each summand stands in ``vectors``; the first is the first, and so on.
    """
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), _SUMMANDS):
        part = slice(start, start + _SUMMANDS)
        np.add.at(sums, rows[part], vectors[part if places is None else places[part]])
    sums /= np.maximum(np.bincount(rows, minlength=count), 1)[:, None].astype(np.float32)
    return sums


def scaled_beside(
    beside: NDArray[np.float32], rows: NDArray[np.int64], centred: NDArray[np.float32], weight: float = 1.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors and their means by item, scaled to stand beside other vectors of the items.

    The means get ``weight`` squared times the total variance of the others, over the items that have any, so that
    with a weight of 1 neither decides alone which directions are kept.

    Args:
        beside: The other vectors of the items, shape ``(items, T)``.
        rows: Item of each vector, shape ``(n,)``.
        centred: The vectors, of mean zero, shape ``(n, D)``.
        weight: Root of the ratio of both total variances.

    Returns:
        The means, zero for an item without any, shape ``(items, D)``, and the vectors, shape ``(n, D)``.
    """
    means, held = mean_by(rows, centred, len(beside)), np.unique(rows)
    spread = float(means[held].var(axis=0).sum())
    equal = np.sqrt(beside[held].var(axis=0).sum() / spread) if spread > 0 else 0.0
    share = np.float32(weight * equal)
    return share * means, share * centred


def user_vectors(
    history: TrainHistory,
    users: Sequence[str],
    told: NDArray[np.float32],
    told_text: NDArray[np.float32],
    items: NDArray[np.float32],
    item_text: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """User vectors of unit length: mean of what is told of the user, or of the training items if nothing is.

    Args:
        history: The training history.
        users: Original id of the user that each vector tells of, shape ``(n,)``.
        told: Vectors of the users' reasons or reviews, shape ``(n, D)``.
        told_text: The part of them that comes from item text, shape ``(n, D)``.
        items: Item vectors, shape ``(items, D)``.
        item_text: The part of them that comes from item text, shape ``(items, D)``.

    Returns:
        The vectors and the part of them that comes from item text, both of shape ``(users, D)``.
    """
    row_of = {token: row for row, token in enumerate(history.user_tokens[1:].tolist())}
    rows = np.array([row_of[user] for user in users], dtype=np.int64)
    vectors = mean_by(rows, told, history.n_users - 1)
    texts = mean_by(rows, told_text, history.n_users - 1)
    without = np.bincount(rows, minlength=len(vectors)) == 0
    for target, source in ((vectors, items), (texts, item_text)):
        of_items = mean_by(history.users - 1, source, history.n_users - 1, history.items - 1)
        np.copyto(target, of_items, where=without[:, None])
    norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8)
    vectors /= norms
    texts /= norms
    return vectors, texts
