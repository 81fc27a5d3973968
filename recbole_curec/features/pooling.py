"""From vectors of texts to vectors of items and users."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.reasons.store import ReasonRecord

# This many times the final dimension is whitened, to choose among more directions than are kept.
WIDTH_FACTOR = 2
# But whitened in as many directions as there are items, all items are equally unlike: so many items have to share one.
_ITEMS_PER_DIRECTION = 16
_FEWEST_DIRECTIONS = 16


def whitened_width(dim: int, items: int) -> int:
    """Directions that are whitened, of which ``dim`` are kept at most; ``items`` have an interaction."""
    return min(WIDTH_FACTOR * dim, max(items // _ITEMS_PER_DIRECTION, _FEWEST_DIRECTIONS))


def mean_by(rows: NDArray[np.int64], vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Mean of the vectors of each row number, zero where there is none, shape ``(count, T)``."""
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, rows, vectors)
    return np.asarray(sums / np.maximum(np.bincount(rows, minlength=count), 1)[:, None], dtype=np.float32)


def user_vectors(
    history: TrainHistory, records: Sequence[ReasonRecord], reasons: NDArray[np.float32], items: NDArray[np.float32]
) -> NDArray[np.float32]:
    """User vectors: mean of the user's reasons, and of the training items where there is none."""
    row_of = {token: row for row, token in enumerate(history.user_tokens[1:].tolist())}
    rows = np.array([row_of[record.user] for record in records], dtype=np.int64)
    vectors = mean_by(rows, reasons, history.n_users - 1)
    taken = mean_by(history.users - 1, items[history.items - 1], history.n_users - 1)
    without = np.bincount(rows, minlength=len(vectors)) == 0
    vectors[without] = taken[without]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-8), dtype=np.float32)
