"""Directions of item vectors, ordered by how similar neighbouring items of a history are along them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

# Largest distance of two neighbouring interactions of a user; at distance d their weight is 1 / d.
_WINDOW = 3
_ROWS = 1 << 17  # items computed with at a time


def canonical_directions(vectors: NDArray[np.float32], history: TrainHistory) -> NDArray[np.float32]:
    """Orthonormal directions, in descending order of the correlation between neighbouring interactions of a user.

    Whitening gives all directions the same variance, so variance cannot rank them. For whitened vectors the
    eigenvectors of the symmetrised covariance between neighbours are the canonical directions (Hotelling 1936), and
    their eigenvalues the canonical correlations. A pair of items is weighted by the cosine of its histories instead of
    its frequency, as in spectral embedding, so that a few popular items do not dominate.

    Args:
        vectors: Whitened item vectors of ids 1 onwards, shape ``(n_items - 1, D)``.
        history: Training interactions.

    Returns:
        One direction per column, shape ``(D, D)``; the identity where no user has two interactions.
    """
    pairs = _neighbours(history, len(vectors))
    if not pairs.nnz:
        return np.eye(vectors.shape[1], dtype=np.float32)
    shared = np.zeros((vectors.shape[1],) * 2)  # (D, D)
    for start in range(0, len(vectors), _ROWS):
        part = slice(start, start + _ROWS)
        shared += vectors[part].T @ (pairs[part] @ vectors)
    _, directions = np.linalg.eigh((shared + shared.T) / 2)  # ascending
    directions = directions[:, ::-1]
    # The sign of an eigenvector is arbitrary; it is fixed so that all machines give the same result.
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])])
    return np.ascontiguousarray(directions * signs, dtype=np.float32)


def _neighbours(history: TrainHistory, n_items: int) -> sp.csr_matrix:
    """Weight of every pair of neighbouring items, an earlier one (row) and a later one (column)."""
    items, positions = history.items - 1, history.positions
    earlier, later, weights = [], [], []
    for distance in range(1, _WINDOW + 1):
        same_user = positions[distance:] >= distance
        earlier.append(items[:-distance][same_user])
        later.append(items[distance:][same_user])
        weights.append(np.full(int(same_user.sum()), 1 / distance))
    rows, columns = np.concatenate(earlier), np.concatenate(later)
    count = np.bincount(items, minlength=n_items)
    values = np.concatenate(weights) / np.sqrt(count[rows] * count[columns])
    matrix: sp.csr_matrix = sp.coo_matrix(
        (values.astype(np.float32), (rows, columns)), shape=(n_items, n_items)
    ).tocsr()
    return matrix
