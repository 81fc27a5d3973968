"""Random directions of names: the same for everybody who asks, whatever else has been read."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def direction(dim: int, *name: object) -> NDArray[np.float64]:
    """A draw from the standard normal distribution that depends on the name alone, shape ``(dim,)``.

    Args:
        dim: Its size.
        name: Parts of the name, a seed among them.
    """
    digest = hashlib.sha256("\0".join(map(str, name)).encode()).digest()
    return np.random.default_rng(list(digest)).standard_normal(dim)


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors of length one along the last axis; zeros stay zeros."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))
