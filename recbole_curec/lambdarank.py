"""LambdaRank by LightGBM: trees that put candidates in order (Burges 2010, MSR-TR-2010-82; Ke et al. 2017)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def has_lightgbm() -> bool:
    """Whether LightGBM is installed; it comes with the extra ``rank``."""
    return importlib.util.find_spec("lightgbm") is not None


@dataclass(frozen=True)
class LabelledQueries:
    """Candidates of queries with a label each.

    Attributes:
        table: Features, shape ``(C, F)``, query by query.
        labels: Grade of each, 0 or more, shape ``(C,)``.
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


@dataclass(frozen=True)
class Growth:
    """How trees are grown.

    Attributes:
        rounds: Trees, at most.
        leaves: Leaves per tree.
        learning_rate: Shrinkage of a tree.
        least_in_leaf: Fewest candidates in a leaf.
        truncation: Places of a list that take part in pairs.
        seed: Seed of LightGBM.
        threads: Threads, which do not change the result.
    """

    rounds: int
    leaves: int
    learning_rate: float
    least_in_leaf: int
    truncation: int
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True)
class Stopping:
    """When growth ends before its last round.

    Attributes:
        held: Queries that are not learnt from.
        cutoff: Length of the list whose NDCG on them has to rise.
        patience: Trees without a rise.
    """

    held: LabelledQueries
    cutoff: int
    patience: int


class LambdaRank:
    """A trained model that scores candidates by their features.

    Args:
        text: The model in LightGBM's text format.
        booster: The model itself, where it is at hand.

    Attributes:
        text: See above; nothing else is ever stored of a model.
    """

    def __init__(self, text: str, booster: Any = None) -> None:
        self.text = text
        self._booster = _read(text) if booster is None else booster

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


def grown(
    learned: LabelledQueries, features: Sequence[str], growth: Growth, stopping: Stopping | None = None
) -> tuple[str, Any]:
    """Train; the same input gives the same bytes.

    Args:
        learned: Queries to learn from.
        features: Name of every feature.
        growth: Number and size of the trees.
        stopping: When to end earlier; None grows all.

    Returns:
        The model in LightGBM's text format, and the model itself.
    """
    import lightgbm

    def dataset(part: LabelledQueries, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            part.table, part.labels, group=part.sizes, feature_name=list(features), reference=reference,
            free_raw_data=True,
        )  # fmt: skip

    parameters = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": growth.truncation,
        "num_leaves": growth.leaves,
        "learning_rate": growth.learning_rate,
        "min_data_in_leaf": growth.least_in_leaf,
        "seed": growth.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": growth.threads,
        "verbosity": -1,
    }
    train, watched = dataset(learned), dict[str, Any]()
    if stopping is not None:
        parameters |= {"metric": "ndcg", "eval_at": [stopping.cutoff]}
        watched["valid_sets"] = [dataset(stopping.held, train)]
        watched["callbacks"] = [lightgbm.early_stopping(stopping.patience, verbose=False)]
    booster = lightgbm.train(parameters, train, num_boost_round=growth.rounds, **watched)
    return booster.model_to_string(), booster


def _read(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)
