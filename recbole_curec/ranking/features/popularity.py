"""How many other users took a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.facts import FactKind
from recbole_curec.data.history import TrainHistory
from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial


@RANK_FEATURES.register
class Popularity(FeatureFamily):
    """Logarithm of the number of other users in training who took the candidate."""

    name: ClassVar[str] = "popularity"
    columns: ClassVar[Mapping[str, str]] = {"users": "taken by many"}
    speaks_of: ClassVar[FactKind | None] = "popularity"

    def __init__(self, history: TrainHistory) -> None:
        self._history = history
        pairs = np.unique(np.stack([history.users, history.items]), axis=1)
        self._users = np.bincount(pairs[1], minlength=history.n_items)

    @classmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """See the base class."""
        return cls(material.history)

    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """See the base class."""
        users = zip(queries.users.tolist(), candidates.items, strict=True)
        own = np.stack([np.isin(items, self._history.of_user(user)) for user, items in users])
        return np.asarray(np.log1p(self._users[candidates.items] - own)[:, :, None])
