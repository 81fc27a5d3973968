"""The ranker: gradient-boosted trees that put candidates in order.

LambdaMART (Burges 2010, MSR-TR-2010-82) by LightGBM (Ke et al. 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.rank import RankSettings

CUTOFF = 10
# Candidates that take part in a pair: those that the cut-off can see, and some that could come in.
_TRUNCATION = 2 * CUTOFF
_LEAST_IN_LEAF = 20


def check_lightgbm() -> None:
    """Check that LightGBM is installed.

    Raises:
        ConfigurationError: It is not.
    """
    if find_spec("lightgbm") is None:
        raise ConfigurationError(
            "rank.use needs the package 'lightgbm', which is not installed: pip install recbole-curec[rank], or set "
            "rank.use: off."
        )


@dataclass(frozen=True)
class LabelledQueries:
    """Candidates of queries whose target is among them.

    Attributes:
        table: Features, shape ``(C, F)``, query by query.
        labels: 1 for the target, 0 for others, shape ``(C,)``.
        sizes: Candidates of every query, shape ``(Q,)``.
    """

    table: NDArray[np.float32]
    labels: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def none(cls, features: int) -> LabelledQueries:
        """No query at all."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(np.zeros((0, features), dtype=np.float32), empty, empty)

    @classmethod
    def joined(cls, parts: Sequence[LabelledQueries]) -> LabelledQueries:
        """The queries of all parts, one after the other."""
        return cls(
            np.concatenate([one.table for one in parts]),
            np.concatenate([one.labels for one in parts]),
            np.concatenate([one.sizes for one in parts]),
        )

    def of(self, chosen: NDArray[np.bool_]) -> LabelledQueries:
        """Some of the queries."""
        rows = np.repeat(chosen, self.sizes)
        return LabelledQueries(self.table[rows], self.labels[rows], self.sizes[chosen])


class Ranker:
    """A trained model that scores candidates by their features.

    Attributes:
        text: The model in LightGBM's text format.
    """

    def __init__(self, text: str) -> None:
        """Read a model.

        Args:
            text: What :attr:`text` was.
        """
        import lightgbm

        self.text = text
        self._booster: Any = lightgbm.Booster(model_str=text)

    @classmethod
    def train(
        cls,
        learned: LabelledQueries,
        held: LabelledQueries,
        columns: Sequence[str],
        settings: RankSettings,
        *,
        seed: int,
        threads: int,
    ) -> Ranker:
        """Train until NDCG@10 on held-out queries rises no more; the same input gives the same bytes.

        Args:
            learned: Queries to learn from.
            held: Queries that end the training.
            columns: Name of every feature.
            settings: Size of the model.
            seed: Seed of LightGBM.
            threads: Threads, which do not change the result.
        """
        import lightgbm

        def dataset(part: LabelledQueries, reference: Any = None) -> Any:
            names = [name.replace(".", "_") for name in columns]
            return lightgbm.Dataset(
                part.table, part.labels, group=part.sizes, feature_name=names, reference=reference, free_raw_data=True
            )

        train = dataset(learned)
        booster = lightgbm.train(
            {
                "objective": "lambdarank",
                "metric": "ndcg",
                "eval_at": [CUTOFF],
                "lambdarank_truncation_level": _TRUNCATION,
                "num_leaves": settings.leaves,
                "learning_rate": settings.learning_rate,
                "min_data_in_leaf": _LEAST_IN_LEAF,
                "seed": seed,
                "deterministic": True,
                "force_row_wise": True,
                "num_threads": threads,
                "verbosity": -1,
            },
            train,
            num_boost_round=settings.rounds,
            valid_sets=[dataset(held, train)],
            callbacks=[lightgbm.early_stopping(settings.patience, verbose=False)],
        )
        return cls(booster.model_to_string(num_iteration=booster.best_iteration))

    @property
    def n_features(self) -> int:
        """Number of features it reads."""
        return int(self._booster.num_feature())

    @property
    def trees(self) -> int:
        """Number of trees."""
        return int(self._booster.num_trees())

    def scores(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Score of every candidate, shape ``(C,)``; only the order within a query means anything."""
        return np.asarray(self._booster.predict(table, num_threads=1), dtype=np.float64)

    def contributions(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """What every feature adds to the score, shape ``(C, F)``.

        Exact Shapley values of the trees (TreeSHAP; Lundberg et al. 2018, arXiv:1802.03888). They add up to the score
        less its mean over the training data.
        """
        found = np.asarray(self._booster.predict(table, pred_contrib=True, num_threads=1), dtype=np.float64)
        return found[:, :-1]

    def importance(self) -> NDArray[np.float64]:
        """Share of every feature in what all splits gained, shape ``(F,)``."""
        gains = np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)
        return np.asarray(gains / max(gains.sum(), 1e-12))
