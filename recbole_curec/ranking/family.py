"""What every family of ranking features is, and what it is made from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.facts import FactKind
from recbole_curec.data.history import TrainHistory
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.settings.entry import Entry
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.settings import Settings


@dataclass(frozen=True)
class RankMaterial:
    """What features are computed from, in the recommender's item and user ids.

    Attributes:
        history: The training interactions that counts over the population are made of.
        arrays: What else is known of the items, by name; kept beside the checkpoint, so that lists need no artifact.
            ``text``: vectors of item text, shape ``(n_items, D)``. ``label_ends`` and ``labels``: attribute labels by
            number; those of item ``i`` are ``labels[label_ends[i - 1]:label_ends[i]]``.
        settings: The settings of the run, for a family that has some of its own.
    """

    history: TrainHistory
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    settings: SettingsReader = field(default_factory=Settings)


class FeatureFamily(Entry, ABC):
    """Base of a family: some numbers for every query and candidate.

    A number may depend on the query's past, on the candidates with their scores, and on the training interactions of
    *other* users. It must not depend on the query's own user's interactions after its past, so every count leaves out
    what this user did in training, as evidence does; a test changes these interactions and finds the same numbers.

    Attributes:
        columns: Name of each number, with what a person is told where it moved an item.
        arrays: What of :attr:`RankMaterial.arrays` it reads; without these it is left out.
        speaks_of: Kind of the facts that a reason can state where a number of this family moved the item.
    """

    columns: ClassVar[Mapping[str, str]] = {}
    arrays: ClassVar[tuple[str, ...]] = ()
    speaks_of: ClassVar[FactKind | None] = None

    @classmethod
    @abstractmethod
    def prepare(cls, material: RankMaterial) -> Self:
        """The family over a training history."""

    @abstractmethod
    def values(self, queries: Queries, candidates: Candidates) -> NDArray[np.float64]:
        """The numbers, shape ``(Q, N, len(columns))``; anything where there is no candidate."""
