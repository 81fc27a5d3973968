"""How often other users took a candidate together with what the user has taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.evidence import SUPPORT_WINDOW
from recbole_curec.data.facts import FactKind
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.item_pairs import ItemPairs
from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial
from recbole_curec.ranking.recency import latest_first, recency_weights

_ROUNDING = 1e-9


@RANK_FEATURES.register
class Similar(FeatureFamily):
    """Summed similarity of the candidate to the past, as in evidence: the cosine of both items' other users.

    With ``n_ij`` other users of both items, ``n_i`` and ``n_j`` of each, the similarity is ``n_ij / sqrt(n_i n_j)``.
    The denominator is a product, so the counts of the past items are added up first, and the user's own single
    contribution is then taken out exactly.
    """

    name: ClassVar[str] = "similar"
    columns: ClassVar[Mapping[str, str]] = {
        "all": "taken with the history",
        "late": "taken with the later part of the history",
        "last": "taken with the last item",
    }
    speaks_of: ClassVar[FactKind | None] = "similar"

    def __init__(self, history: TrainHistory) -> None:
        self._history = history
        self._pairs = ItemPairs(history)
        self._users = self._pairs.item_users

    @classmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """See the base class."""
        return cls(material.history)

    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """See the base class."""
        found = np.zeros((*candidates.items.shape, len(self.columns)))
        for row, (user, past) in enumerate(zip(queries.users.tolist(), queries.pasts, strict=True)):
            found[row] = self._of_query(user, past, candidates.items[row]).T
        return found

    def _of_query(self, user: int, past: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values of one query, shape ``(K, N)``."""
        mine = np.unique(self._history.of_user(user))
        others = latest_first(past, SUPPORT_WINDOW)
        taken, own = np.isin(others, mine), np.isin(items, mine)
        scale = 1 / np.sqrt(np.maximum(self._users[others] - taken, 1))
        late = recency_weights(len(others))
        each = np.stack([scale, scale * late, scale * (np.arange(len(others)) == 0)])  # (K, H)
        sums = np.zeros((len(each), len(items)))
        for place, other in enumerate(others.tolist()):
            sums += each[:, place, None] * self._pairs.of(other, items)
        sums = (sums - own * each[:, taken].sum(axis=1)[:, None]) / np.sqrt(np.maximum(self._users[items] - own, 1))
        return np.asarray(np.where(sums > _ROUNDING, sums, 0.0))
