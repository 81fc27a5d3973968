"""The ranker of a loaded run, where its lists are in the ranker's order."""

from __future__ import annotations

from dataclasses import dataclass

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import CheckpointError
from recbole_curec.plugin.loading import LoadedRun
from recbole_curec.ranking.families import Families
from recbole_curec.ranking.family import RankMaterial
from recbole_curec.ranking.reranker import Reranker
from recbole_curec.ranking.store import RankRecord, load_ranker, read_record
from recbole_curec.settings.travel import settings_of


@dataclass(frozen=True)
class LoadedRanker:
    """A ranker in use.

    Attributes:
        record: What is known of it.
        reranker: Puts lists into its order.
    """

    record: RankRecord
    reranker: Reranker


def ranker_of(run: LoadedRun) -> LoadedRanker | None:
    """The ranker of a run; None where there is none, or lists stay in the recommender's order.

    Raises:
        CheckpointError: The run was trained with a ranker whose files are missing, damaged, or another checkpoint's.
    """
    if run.config["model"] not in OUR_MODELS or not settings_of(run.config).rank.is_used:
        return None
    if not read_record(run.checkpoint).on:
        return None
    stored = load_ranker(run.checkpoint)
    record = stored.record
    material = RankMaterial(run.training.praised_history(), stored.arrays, settings_of(run.config))
    families = Families.prepare(record.families, material)
    names = [column.name for column in families.columns]
    if names != record.columns or len(names) != stored.ranker.n_features:
        raise CheckpointError(
            f"The ranker of '{run.checkpoint}' reads other features than rank.features computes now "
            f"({', '.join(sorted(set(names) ^ set(record.columns))) or 'another number'}): train again."
        )
    return LoadedRanker(record, Reranker(families, stored.ranker, record.candidates))
