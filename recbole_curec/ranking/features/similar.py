"""How often other users took a candidate together with what the user has taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recbole_curec.data.evidence import SUPPORT_WINDOW, cooccurrence
from recbole_curec.data.facts import FactKind
from recbole_curec.data.history import TrainHistory
from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial
from recbole_curec.ranking.recency import latest_first, recency_weights

# Sums of similarities held at once.
_CELLS = 1 << 24
_ROUNDING = 1e-9


@RANK_FEATURES.register
class Similar(FeatureFamily):
    """Summed similarity of the candidate to the past, as in evidence: the cosine of both items' other users.

    With ``n_ij`` other users of both items, ``n_i`` and ``n_j`` of each, the similarity is ``n_ij / sqrt(n_i n_j)``.
    The denominator is a product, so the sums of all candidates are one sparse product with the co-occurrence counts,
    from which the user's own single contribution is then taken out exactly.
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
        self._pairs = cooccurrence(history).astype(np.float64)
        self._users = self._pairs.diagonal()

    @classmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """See the base class."""
        return cls(material.history)

    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """See the base class."""
        found = np.zeros((*candidates.items.shape, len(self.columns)))
        step = max(1, _CELLS // (len(self.columns) * self._history.n_items))
        for start in range(0, len(queries), step):
            rows = slice(start, start + step)
            found[rows] = self._sums(queries.part(rows), candidates.items[rows])
        return found

    def _sums(self, queries: Queries, items: NDArray[np.int64]) -> NDArray[np.float64]:
        weights, own_weight, own = [], [], np.zeros(items.shape, dtype=bool)
        columns, kinds = [], len(self.columns)
        for row, (user, past) in enumerate(zip(queries.users.tolist(), queries.pasts, strict=True)):
            mine = np.unique(self._history.of_user(user))
            others = latest_first(past, SUPPORT_WINDOW)
            taken = np.isin(others, mine)
            scale = 1 / np.sqrt(np.maximum(self._users[others] - taken, 1))
            late = recency_weights(len(others))
            each = np.stack([scale, scale * late, scale * (np.arange(len(others)) == 0)])  # (K, H)
            weights.append(each)
            columns.append(others)
            own_weight.append(each[:, taken].sum(axis=1))
            own[row] = np.isin(items[row], mine)
        lengths = [len(one) for one in columns]
        matrix = sp.csr_matrix(
            (
                np.concatenate([each.ravel() for each in weights]),
                np.concatenate([np.tile(one, kinds) for one in columns]),
                np.concatenate([[0], np.cumsum(np.repeat(lengths, kinds))]),
            ),
            shape=(kinds * len(queries), self._history.n_items),
        )
        sums = (matrix @ self._pairs).toarray().reshape(len(queries), kinds, -1)  # (Q, K, n_items)
        found = np.take_along_axis(sums, items[:, None, :], axis=2)  # (Q, K, N)
        found = found - own[:, None, :] * np.stack(own_weight)[:, :, None]
        found = found / np.sqrt(np.maximum(self._users[items] - own, 1))[:, None, :]
        return np.asarray(np.where(found > _ROUNDING, found, 0.0).transpose(0, 2, 1))
