"""What the recommender itself thinks of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial


@RANK_FEATURES.register
class BaseScore(FeatureFamily):
    """Score and place of the candidate in the recommender's list.

    Scores are standardised within the candidates: those of the two recommenders that the ranker learns from, and of
    the one it is used with, have scales of their own.
    """

    name: ClassVar[str] = "base_score"
    columns: ClassVar[Mapping[str, str]] = {"score": "the recommender's score", "place": "the recommender's place"}

    @classmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """See the base class; nothing is read."""
        return cls()

    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """See the base class."""
        there = candidates.there
        scores = np.where(there, candidates.scores, 0.0)
        count = np.maximum(there.sum(axis=1, keepdims=True), 1)
        centred = np.where(there, scores - scores.sum(axis=1, keepdims=True) / count, 0.0)
        spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / count)
        place = np.broadcast_to(np.log2(np.arange(there.shape[1]) + 2.0), there.shape)
        return np.stack([centred / np.maximum(spread, 1e-12), place], axis=2)
