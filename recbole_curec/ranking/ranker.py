"""The ranker: gradient-boosted trees that put the candidates of a recommender in order."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.errors import ConfigurationError
from recbole_curec.lambdarank import Growth, LabelledQueries, LambdaRank, Stopping, grown, has_lightgbm
from recbole_curec.settings.rank import RankSettings

__all__ = ["CUTOFF", "LabelledQueries", "Ranker", "check_lightgbm"]

CUTOFF = 10
# Candidates that take part in a pair: those that the cut-off can see, and some that could come in.
_TRUNCATION = 2 * CUTOFF
_LEAST_IN_LEAF = 20


def check_lightgbm() -> None:
    """Check that LightGBM is installed.

    Raises:
        ConfigurationError: It is not.
    """
    if not has_lightgbm():
        raise ConfigurationError(
            "rank.use needs the package 'lightgbm', which is not installed: pip install recbole-curec[rank], or set "
            "rank.use: off."
        )


class Ranker(LambdaRank):
    """A trained model that scores candidates; a query's target has label 1, the others 0."""

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
        growth = Growth(
            rounds=settings.rounds,
            leaves=settings.leaves,
            learning_rate=settings.learning_rate,
            least_in_leaf=_LEAST_IN_LEAF,
            truncation=_TRUNCATION,
            seed=seed,
            threads=threads,
        )
        names = [name.replace(".", "_") for name in columns]
        text, _ = grown(learned, names, growth, Stopping(held, CUTOFF, settings.patience))
        return cls(text)

    @property
    def n_features(self) -> int:
        """Number of features it reads."""
        return int(self._booster.num_feature())

    @property
    def trees(self) -> int:
        """Number of trees."""
        return int(self._booster.num_trees())
