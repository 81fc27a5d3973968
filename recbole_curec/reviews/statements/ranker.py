"""The ranker of statements: gradient-boosted trees that put what others wrote about an item in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.lambdarank import Growth, LabelledQueries, LambdaRank, grown, has_lightgbm
from recbole_curec.reviews.statements.features import FEATURES
from recbole_curec.settings.statements import StatementSettings

_FILE = "ranker.txt"
# Smallest leaf, and the share of the rows it never exceeds.
_LEAF, _LEAF_SHARE = 50, 0.02
_TRUNCATION = 10


def check_ranker(asked: str) -> None:
    """Check that LightGBM is installed.

    Args:
        asked: The setting that needs it, with its value.

    Raises:
        ConfigurationError: It is not.
    """
    if not has_lightgbm():
        raise ConfigurationError(
            f"{asked} ranks statements with LightGBM, which is not installed: pip install recbole-curec[rank]."
        )


class StatementRanker(LambdaRank):
    """Scores candidates by how likely the user would say the same of the item."""

    @classmethod
    def fit(
        cls, rows: NDArray[np.float32], grades: NDArray[np.int64], groups: Sequence[int], settings: StatementSettings
    ) -> StatementRanker:
        """Train on candidates; the same data give the same trees.

        Args:
            rows: Features of all candidates, those of a query one after the other, shape ``(n, F)``.
            grades: Label of each, 0 to 3, shape ``(n,)``.
            groups: Number of candidates of each query.
            settings: Number and size of the trees.
        """
        growth = Growth(
            rounds=settings.trees,
            leaves=settings.leaves,
            learning_rate=settings.learning_rate,
            least_in_leaf=max(1, min(_LEAF, int(_LEAF_SHARE * len(rows)))),
            truncation=_TRUNCATION,
        )
        return cls(*grown(LabelledQueries(rows, grades, np.array(groups)), FEATURES, growth))

    def gains(self) -> dict[str, float]:
        """Share of every feature in what the trees gained, largest first."""
        shares = zip(FEATURES, self.importance().tolist(), strict=True)
        return {name: round(share, 4) for name, share in sorted(shares, key=lambda one: -one[1])}

    def save(self, folder: Path) -> None:
        """Write ``ranker.txt``, LightGBM's own text format."""
        (folder / _FILE).write_text(self.text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StatementRanker:
        """Inverse of :meth:`save`.

        Raises:
            ConfigurationError: LightGBM is not installed.
        """
        check_ranker("This run")
        return cls((folder / _FILE).read_text(encoding="utf-8"))
