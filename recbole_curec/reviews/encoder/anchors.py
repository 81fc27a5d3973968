"""Common axes for the encoders of several folds, so that their vectors can be compared and averaged.

Encoders trained apart put the same meaning into different directions, and a rating model reads vectors of all of them.
They cannot be turned onto one another: the encoder of another fold has read the very reviews that are to be embedded.
So the axes are fixed before any data is read, and every encoder is trained into them:

- the first axis is the rating: an encoder predicts it from that coordinate alone;
- in the others every user and item id has a *code*, a random unit vector drawn from the seed. The vectors of the ids
  that reviews are contrasted with start there, and stay as near as training lets them.

What rotation is left is undone by orthogonal Procrustes (Schoenemann 1966) of an encoder's id vectors onto their codes.
Codes and rotation know nothing of the reviews that the encoder did not read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes


def id_codes(count: int, dim: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Random unit vectors, one per id, shape ``(count, dim)``."""
    drawn = rng.standard_normal((count, dim))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def rotation_onto(learnt: NDArray[np.float32], codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rotation that brings learnt id vectors nearest to their codes, and leaves the rating's axis alone.

    Args:
        learnt: Id vectors after training, shape ``(n, D - 1)``.
        codes: The vectors they started from, shape ``(n, D - 1)``.

    Returns:
        Orthogonal matrix to multiply vectors with on the right, shape ``(D, D)``.
    """
    dim = learnt.shape[1] + 1
    rotation = np.eye(dim)
    rotation[1:, 1:], _ = orthogonal_procrustes(learnt.astype(np.float64), codes.astype(np.float64))
    return rotation.astype(np.float32)
