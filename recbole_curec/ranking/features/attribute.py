"""Whether a candidate has what the user takes above its share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.evidence import LIFT_PRIOR
from recbole_curec.data.facts import FactKind
from recbole_curec.data.history import TrainHistory
from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial


@RANK_FEATURES.register
class Attribute(FeatureFamily):
    """Lift of the candidate's attribute labels in the past, as in evidence: the highest, and the mean of logarithms.

    The lift of a label is its share of the past, smoothed by the population's share, over the population's share. One
    that nobody else took says nothing.
    """

    name: ClassVar[str] = "attribute"
    columns: ClassVar[Mapping[str, str]] = {
        "highest": "has what the history has above its share",
        "mean": "is of the kinds that the history is of",
    }
    arrays: ClassVar[tuple[str, ...]] = ("label_ends", "labels")
    speaks_of: ClassVar[FactKind | None] = "attribute"

    def __init__(self, history: TrainHistory, ends: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
        self._history, self._ends, self._labels = history, ends, labels
        self._counts = np.bincount(self._of(history.items)[0], minlength=int(labels.max(initial=0)) + 1)

    @classmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """See the base class."""
        return cls(material.history, material.arrays["label_ends"], material.arrays["labels"])

    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """See the base class."""
        found = np.zeros((*candidates.items.shape, 2))
        for row, (user, past) in enumerate(zip(queries.users.tolist(), queries.pasts, strict=True)):
            labels, item = self._of(candidates.items[row])
            wanted, place = np.unique(labels, return_inverse=True)
            lift = self._lift(wanted, user, past)[place]
            known = lift > 0
            logs = np.log(np.where(known, lift, 1.0))
            np.maximum.at(found[row, :, 0], item, logs)
            kinds = np.bincount(item, weights=known, minlength=found.shape[1])
            sums = np.bincount(item, weights=logs, minlength=found.shape[1])
            found[row, :, 1] = sums / np.maximum(kinds, 1)
        return found

    def _lift(self, wanted: NDArray[np.int64], user: int, past: NDArray[np.int64]) -> NDArray[np.float64]:
        """Lift of each label; 0 where no other user took an item that has it."""
        seen = self._count(self._of(past)[0], wanted)
        own = self._history.of_user(user)
        others = max(self._history.n_interactions - len(own), 1)
        share = (self._counts[wanted] - self._count(self._of(own)[0], wanted)) / others
        smoothed = (seen + LIFT_PRIOR * share) / (len(past) + LIFT_PRIOR)
        return np.asarray(np.divide(smoothed, share, out=np.zeros_like(share), where=share > 0))

    @staticmethod
    def _count(labels: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """How often each of the wanted labels, which are sorted, occurs."""
        if not len(wanted):
            return np.zeros(0, dtype=np.int64)
        place = np.minimum(np.searchsorted(wanted, labels), len(wanted) - 1)
        return np.bincount(place[wanted[place] == labels], minlength=len(wanted))

    def _of(self, items: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The labels of some items one after the other, and the place of the item of each; padding has none."""
        starts = np.where(items > 0, self._ends[items - 1], 0)
        counts = np.where(items > 0, self._ends[items] - starts, 0)
        place = np.repeat(np.arange(len(items)), counts)
        inside = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._labels[starts[place] + inside], place
