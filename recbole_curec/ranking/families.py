"""The families of features in use, side by side in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.facts import FactKind
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.candidates import Candidates, Queries
from recbole_curec.ranking.family import FeatureFamily, RankMaterial

# The family of what the recommender itself says: it moves nothing by itself, since its order is what is changed.
BASE = "base_score"


@dataclass(frozen=True)
class Column:
    """One feature.

    Attributes:
        name: ``<family>.<column>``.
        words: What a person is told where it moved an item up.
        speaks_of: Kind of the facts that a reason can state then; None if there is none.
    """

    name: str
    words: str
    speaks_of: FactKind | None

    @property
    def is_base(self) -> bool:
        """Whether it only repeats what the recommender says."""
        return self.name.startswith(f"{BASE}.")


class Families:
    """Families in their order; a table has the columns of all.

    Args:
        families: The families, made.
        names: Name or class path of each, as settings have it.
    """

    def __init__(self, families: Sequence[FeatureFamily], names: Sequence[str]) -> None:
        self._families, self.names = families, list(names)
        self.columns = [
            Column(f"{family.name}.{name}", words, family.speaks_of)
            for family in families
            for name, words in family.columns.items()
        ]

    @classmethod
    def prepare(cls, names: Sequence[str] | None, material: RankMaterial) -> Families:
        """The named families, or all of ours that the material allows.

        Raises:
            ConfigurationError: A family is unknown, or lacks what it reads.
        """
        if names is None:
            ours = (name for name, one in RANK_FEATURES.entries().items() if _is_ours(one))
            names = [name for name in ours if not _missing(RANK_FEATURES.find(name), material)]
        chosen = [RANK_FEATURES.find(name) for name in names]
        for name, one in zip(names, chosen, strict=True):
            if missing := _missing(one, material):
                raise ConfigurationError(
                    f"rank.features: {name} reads {missing[0]} of the items, which this run does not have: leave "
                    f"{name} out, give the items such columns, or set recommend.fusion to one that fuses features."
                )
        return cls([one.prepare(material) for one in chosen], names)

    def arrays(self) -> list[str]:
        """Names of the arrays that the families read."""
        return sorted({name for family in self._families for name in family.arrays})

    def table(self, queries: Queries, candidates: Candidates) -> NDArray[np.float32]:
        """The features of every candidate, shape ``(candidates that are there, F)``, query by query."""
        found = [family.values(queries, candidates) for family in self._families]
        return np.concatenate(found, axis=2)[candidates.there].astype(np.float32)


def _is_ours(family: type[FeatureFamily]) -> bool:
    return family.__module__.startswith(f"{RANK_FEATURES.package}.")


def _missing(family: type[FeatureFamily], material: RankMaterial) -> list[str]:
    return [name for name in family.arrays if name not in material.arrays]
