"""Labels of statements: how well each stands in the user's own review of the item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recbole_curec.reviews.statements.pool import Ids


def grades_of(weights: sp.csr_matrix, candidates: Ids, said: Ids, bounds: Sequence[float]) -> NDArray[np.int64]:
    """Grade of each candidate, 0 to 3: by the greatest cosine of its words with a statement of the user's own review.

    Args:
        weights: TF-IDF weights of all statements, rows of unit length, shape ``(n, V)``.
        candidates: Other users' statements, shape ``(k,)``.
        said: The statements of the user's own review of the same item, shape ``(m,)``.
        bounds: Cosines from which the grade is 1, 2 and 3.

    Returns:
        Shape ``(k,)``; zeros if the user's review holds no statement.
    """
    if not len(said) or not len(candidates):
        return np.zeros(len(candidates), dtype=np.int64)
    nearest = (weights[candidates] @ weights[said].T).toarray().max(axis=1)
    grades: NDArray[np.int64] = np.searchsorted(bounds, nearest, side="right").astype(np.int64)
    return grades


def ndcg(grades: NDArray[np.int64], scores: NDArray[np.float64], ties: NDArray[np.float64], k: int) -> float:
    """NDCG at a cut-off, with gains ``2^grade - 1`` (Burges et al. 2005).

    Args:
        grades: Grade of each candidate, one of them above 0, shape ``(n,)``.
        scores: Their scores, shape ``(n,)``.
        ties: Random numbers that order equal scores, shape ``(n,)``.
        k: The cut-off.
    """
    gains = 2.0**grades - 1
    discounts = 1 / np.log2(np.arange(2, min(k, len(gains)) + 2))
    order, ideal = np.lexsort((ties, -scores))[:k], np.sort(gains)[::-1][:k]
    return float((gains[order] * discounts).sum() / (ideal * discounts).sum())
