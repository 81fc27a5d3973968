"""How much a candidate's text is like the texts of what the user took last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial
from recbole_curec.ranking.recency import latest_first, recency_weights

# Latest items of a past that are compared with.
_RECENT = 20


@RANK_FEATURES.register
class Text(FeatureFamily):
    """Cosine of the candidate's text vector with the later past, weighted by recency, and with the last item.

    The vectors are those of item text alone: what reasons and reviews add to an item's vector was written about its
    own interactions, the target's among them.
    """

    name: ClassVar[str] = "text"
    columns: ClassVar[Mapping[str, str]] = {
        "late": "its text is like the later part of the history",
        "last": "its text is like the last item's",
    }
    arrays: ClassVar[tuple[str, ...]] = ("text",)

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._units = vectors / np.maximum(lengths, 1e-12)

    @classmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """See the base class."""
        return cls(material.arrays["text"])

    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """See the base class."""
        found = np.zeros((*candidates.items.shape, 2))
        for row, past in enumerate(queries.pasts):
            recent = latest_first(past, _RECENT)
            if not len(recent):
                continue
            weights = recency_weights(len(recent))
            late = weights @ self._units[recent] / weights.sum()
            both = np.stack([late, self._units[recent[0]]])  # (2, D)
            found[row] = self._units[candidates.items[row]] @ both.T
        return found
