"""A family and a ranker whose numbers are known."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from recbole_curec.ranking.families import Families
from recbole_curec.ranking.family import FeatureFamily
from recbole_curec.ranking.reranker import Reranker


class Number(FeatureFamily):
    """The number of the item, and of its past's items."""

    name = "number"
    columns: ClassVar[dict[str, str]] = {"item": "its number is high", "past": "many came before"}
    speaks_of = "similar"

    @classmethod
    def prepare(cls, material: Any) -> Number:
        return cls()

    def values(self, queries: Any, candidates: Any) -> NDArray[np.float64]:
        past = [[len(one)] * candidates.items.shape[1] for one in queries.pasts]
        return np.stack([candidates.items, np.array(past)], axis=2).astype(float)


class ByNumber:
    """Ranks by the first feature; contributions are the features themselves."""

    n_features = 2

    def scores(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        return table[:, 0].astype(np.float64)

    def contributions(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        return table.astype(np.float64)


def by_number(count: int) -> Reranker:
    """Puts the candidate with the highest number first."""
    return Reranker(Families([Number()], ["number"]), ByNumber(), count)  # type: ignore[arg-type]
