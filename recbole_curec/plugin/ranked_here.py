"""The ranker of a run, trained once its recommender is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.rank import Ranked, rank
from recbole_curec.plugin.rank_effect import TEST, reranked
from recbole_curec.plugin.trained_model import stage_artifacts
from recbole_curec.ranking.store import RankRecord
from recbole_curec.settings.travel import settings_of


class RankedHere:
    """Ranks again, where the settings ask for it, once the recommender is trained: an ``inspect`` of :func:`train`.

    Args:
        config: RecBole's config.
        splits: RecBole's loaders.

    Attributes:
        made: The ranker; None before it is trained, and where none is asked for.
    """

    def __init__(self, config: Any, splits: tuple[Any, Any, Any]) -> None:
        self._config, self._splits = config, splits
        self.made: Ranked | None = None

    def __call__(self, trainer: Any, _test: Any) -> None:
        """Train the ranker over the trainer's model."""
        if self._config["model"] in OUR_MODELS and settings_of(self._config).rank.is_used:
            artifacts = stage_artifacts(self._config, dataset_of(self._splits[0]))
            self.made = rank(self._config, trainer, self._splits, artifacts)

    @contextmanager
    def in_use(self, trainer: Any) -> Iterator[None]:
        """Let RecBole's evaluation of the test split see the ranker's order, if it is in use."""
        if self.made is None or self.made.reranker is None or not self.made.record.on:
            yield
            return
        with reranked(trainer, self.made.reranker, self._splits, TEST):
            yield

    @property
    def record(self) -> RankRecord | None:
        """What was decided."""
        return None if self.made is None else self.made.record
