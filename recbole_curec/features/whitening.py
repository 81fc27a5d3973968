"""Centring, PCA-whitening and L2 normalisation of text vectors (Su et al. 2021, arXiv:2103.15316)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

# Directions with a singular value below this share of the largest are noise, which whitening would amplify.
_RANK_TOLERANCE = 1e-6
# Vectors computed with at a time.
_ROWS = 1 << 17


@dataclass(frozen=True)
class Whitening:
    """An affine map fitted on the item vectors and applied to every kind of vector.

    Attributes:
        mean: Shape ``(T,)``.
        projection: Shape ``(T, D)``; ``D`` is at most the rank of the fitted vectors.
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]

    @classmethod
    def fit(cls, vectors: NDArray[np.float32], dim: int, rows: NDArray[np.int64] | None = None) -> Whitening:
        """Fit on vectors, keeping some of their directions.

        Args:
            vectors: Shape ``(n, T)``.
            dim: Largest number of directions that are kept.
            rows: Those of the vectors that it is fitted on; without it all of them.
        """
        rows = np.arange(len(vectors)) if rows is None else rows
        mean = mean_of(vectors, rows)
        singular, directions = _principal(vectors, mean, rows)
        rank = int(np.sum(singular > _RANK_TOLERANCE * max(float(singular[0]), 1e-12)))
        kept = max(1, min(dim, rank))
        signs = np.sign(directions[np.arange(kept), np.abs(directions[:kept]).argmax(axis=1)])
        scale = np.sqrt(len(rows)) / np.maximum(singular[:kept], 1e-12)
        projection = (directions[:kept] * (signs * scale)[:, None]).T
        return cls(mean.astype(np.float32), np.ascontiguousarray(projection, dtype=np.float32))

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Whitened unit vectors, shape ``(n, D)``."""
        found = np.empty((len(vectors), self.projection.shape[1]), dtype=np.float32)
        for part in _parts(len(vectors)):
            white = (vectors[part] - self.mean) @ self.projection
            found[part] = white / np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-8)
        return found

    def part(
        self, vectors: NDArray[np.float32], share: NDArray[np.float32], mean: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """What a summand of vectors gives to their whitened unit vectors; the parts of all summands add up to these.

        Args:
            vectors: The sums, shape ``(n, T)``.
            share: The summand, shape ``(n, T)``.
            mean: Mean of the summand over the fitted vectors, shape ``(T,)``.
        """
        found = np.empty((len(vectors), self.projection.shape[1]), dtype=np.float32)
        for part in _parts(len(vectors)):
            norms = np.linalg.norm((vectors[part] - self.mean) @ self.projection, axis=1, keepdims=True)
            found[part] = (share[part] - mean) @ self.projection / np.maximum(norms, 1e-8)
        return found

    def rotated(self, directions: NDArray[np.float32]) -> Whitening:
        """The same map followed by a projection on other directions.

        Args:
            directions: One orthonormal direction of the whitened space per column, shape ``(D, K)``.
        """
        return Whitening(self.mean, np.ascontiguousarray(self.projection @ directions))


def mean_of(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean of some of the vectors ``(n, T)``, which are not copied as a whole where they are many, shape ``(T,)``."""
    if len(rows) <= _ROWS:
        mean: NDArray[np.float32] = vectors[rows].mean(axis=0)
        return mean
    total = sum((vectors[rows[part]].sum(axis=0, dtype=np.float64) for part in _parts(len(rows))), np.float64(0))
    return np.asarray(total / len(rows), dtype=np.float32)


def _parts(count: int) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, count, _ROWS)]


def _principal(
    vectors: NDArray[np.float32], mean: NDArray[np.float32], rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Singular values of some rows' centred vectors, descending, shape ``(K,)``, and their directions ``(K, T)``.

    Many vectors are summed up to their covariance, whose eigenvalues are the squares: the vectors in double precision
    and what a decomposition of them needs would take five times their memory.
    """
    if len(rows) <= _ROWS:
        with threadpool_limits(1, user_api="blas"):  # as in LSA: spinning threads
            _, singular, directions = np.linalg.svd((vectors[rows] - mean).astype(np.float64), full_matrices=False)
        return singular, directions
    shared = np.zeros((vectors.shape[1],) * 2)
    for part in _parts(len(rows)):
        centred = (vectors[rows[part]] - mean).astype(np.float64)
        shared += centred.T @ centred
    squares, directions = np.linalg.eigh(shared)  # ascending
    return np.sqrt(np.maximum(squares[::-1], 0)), directions[:, ::-1].T
