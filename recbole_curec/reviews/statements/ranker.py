"""The ranker of statements: LightGBM's LambdaRank (Burges 2010, MSR-TR-2010-82; Ke et al. 2017)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.reviews.statements.features import FEATURES
from recbole_curec.settings.statements import StatementSettings

_FILE = "ranker.txt"
_PACKAGE = "lightgbm"
# Smallest leaf, and the share of the rows it never exceeds.
_LEAF, _LEAF_SHARE = 50, 0.02


def check_ranker(asked: str) -> None:
    """Check that LightGBM is installed.

    Args:
        asked: The setting that needs it, with its value.

    Raises:
        ConfigurationError: It is not.
    """
    if importlib.util.find_spec(_PACKAGE) is None:
        raise ConfigurationError(
            f"{asked} ranks statements with LightGBM, which is not installed: pip install recbole-curec[rank]."
        )


class StatementRanker:
    """Scores candidates by how likely the user would say the same of the item.

    Args:
        booster: The trees.
    """

    def __init__(self, booster: Any) -> None:
        self._booster = booster

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
        import lightgbm

        parameters = {
            "objective": "lambdarank",
            "num_leaves": settings.leaves,
            "learning_rate": settings.learning_rate,
            "min_data_in_leaf": max(1, min(_LEAF, int(_LEAF_SHARE * len(rows)))),
            "lambdarank_truncation_level": 10,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "seed": 0,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(rows, grades, group=list(groups), feature_name=list(FEATURES), free_raw_data=True)
        return cls(lightgbm.train(parameters, data, num_boost_round=settings.trees))

    def scores(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Score of every candidate; greater is better, shape ``(n,)``."""
        found: NDArray[np.float64] = self._booster.predict(rows, num_threads=1)
        return found

    def gains(self) -> dict[str, float]:
        """Share of every feature in what the trees gained, largest first."""
        gains = self._booster.feature_importance("gain")
        shares = zip(FEATURES, (gains / max(gains.sum(), 1e-12)).tolist(), strict=True)
        return {name: round(share, 4) for name, share in sorted(shares, key=lambda one: -one[1])}

    def save(self, folder: Path) -> None:
        """Write ``ranker.txt``, LightGBM's own text format."""
        (folder / _FILE).write_text(self._booster.model_to_string(), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StatementRanker:
        """Inverse of :meth:`save`.

        Raises:
            ConfigurationError: LightGBM is not installed.
        """
        check_ranker("This run")
        import lightgbm

        return cls(lightgbm.Booster(model_str=(folder / _FILE).read_text(encoding="utf-8")))
