"""How much of a past counts for what comes next: the later, the more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# After so many later items, an item of the past weighs half.
_HALF_LIFE = 3.0


def latest_first(past: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The distinct items among the last ``most`` of a past, by their last occurrence, latest first."""
    _, first = np.unique(past[-most:][::-1], return_index=True)
    return past[-most:][::-1][np.sort(first)]


def recency_weights(count: int) -> NDArray[np.float64]:
    """Weights of ``count`` items, latest first: 1 for the latest, halved with every three later ones."""
    return np.asarray(0.5 ** (np.arange(count) / _HALF_LIFE))
