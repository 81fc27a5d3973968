"""``rank``, after stage 7: trains a ranker over the recommender's candidates and decides whether lists follow it.

The ranker learns from the last training interactions of users. The recommender itself has seen these, and scores them
too well; so it is trained twice more, each time without those of half of the users, and scores the half it has not
seen. Every user keeps earlier interactions, so models with a vector per user are served by the same split.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.model.random_states import random_states_restored
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.fold_models import train_without
from recbole_curec.plugin.history_mask import tested
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.rank_effect import TEST, VALID, Effect, effect, query_batches, reranked
from recbole_curec.plugin.rank_material import explained_pairs, rank_material
from recbole_curec.plugin.rank_queries import TrainingQueries, split_queries, training_queries
from recbole_curec.plugin.scoring import ModelScorer
from recbole_curec.ranking.candidates import best_candidates
from recbole_curec.ranking.families import Families
from recbole_curec.ranking.query_users import FEWEST, held_out_users, last_interactions, query_users, too_few
from recbole_curec.ranking.ranker import LabelledQueries, Ranker
from recbole_curec.ranking.reranker import Reranker
from recbole_curec.ranking.store import RankRecord, save_ranker, save_record
from recbole_curec.settings.rank import RankSettings
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ranked:
    """A ranker over the recommender of a run.

    Attributes:
        record: What was decided, and why.
        reranker: Puts lists into its order, whether they are or not; None if there was too little to learn from.
    """

    record: RankRecord
    reranker: Reranker | None


@dataclass(frozen=True)
class _Found:
    """What was found for some queries: the ones that can be learnt from, and how many there were."""

    learnt: LabelledQueries
    users: NDArray[np.int64]
    asked: int


def rank(config: Any, trainer: Any, splits: tuple[Any, Any, Any], artifacts: Mapping[str, Artifact]) -> Ranked:
    """Train a ranker, measure it on validation, and write it beside the checkpoint.

    Args:
        config: RecBole's config of the run.
        trainer: The trainer, with the best epoch's weights in its model.
        splits: RecBole's loaders.
        artifacts: Artifacts of the run, by stage.

    Raises:
        ConfigurationError: A ranker must be there and finds too little to learn from.
    """
    with random_states_restored():
        return _rank(config, trainer, splits, artifacts)


def _rank(config: Any, trainer: Any, splits: tuple[Any, Any, Any], artifacts: Mapping[str, Artifact]) -> Ranked:
    settings, training = settings_of(config).rank, dataset_of(splits[0])
    checkpoint = Path(trainer.saved_model_file)
    material = rank_material(training, artifacts)
    families = Families.prepare(settings.features, material)
    columns = [column.name for column in families.columns]
    epochs = _epochs(trainer, checkpoint)
    chosen = query_users(training.train_history(), settings, int(config["seed"]))
    explained = explained_pairs(training, artifacts)
    folds = []
    for number, users in enumerate((chosen[0::2], chosen[1::2])):
        logger.info("rank: the recommender without the last interactions of half of the users (%d of 2)", number + 1)
        left = last_interactions(training.train_history(), users, settings.positions)
        model, thinned = train_without(config, training, left, epochs)
        wanted = training_queries(training.train_history(), training.praised_history(), left, explained)
        scorer = ModelScorer(model, config, thinned)
        folds.append(_learnable(scorer, families, wanted, settings.candidates, bool(config["show_progress"])))
    found, recall = _joined(folds), sum(len(one.users) for one in folds) / max(sum(one.asked for one in folds), 1)
    logger.info(
        "rank: %d of %d training interactions are among the recommender's best %d (%.1f%%); the others teach nothing",
        len(found.users), found.asked, settings.candidates, 100 * recall,
    )  # fmt: skip
    held = np.isin(found.users, held_out_users(chosen, settings))
    if min(held.sum(), (~held).sum()) < FEWEST:
        why = too_few(settings, int((~held).sum()), int(held.sum()))
        return _unranked(checkpoint, settings, families, why, recall)
    ranker = Ranker.train(
        found.learnt.of(~held),
        found.learnt.of(held),
        columns,
        settings,
        seed=int(config["seed"]),
        threads=torch.get_num_threads(),
    )
    reranker = Reranker(families, ranker, settings.candidates)
    scorer, progress = ModelScorer(trainer.model.eval(), config, training), bool(config["show_progress"])
    valid = effect(scorer, reranker, split_queries(splits, VALID), progress)
    on = settings.use == "on" or valid.helps
    record = RankRecord(
        on=on,
        why=_why(settings, valid, on),
        candidates=settings.candidates,
        families=families.names,
        columns=columns,
        importance=[round(float(share), 4) for share in ranker.importance()],
        recall={"training": round(recall, 4), "validation": round(valid.recall, 4)},
        valid=valid.record(),
    )
    logger.info("rank: %s", record.why)
    if on:
        record = replace(record, test=_tested(trainer, scorer, reranker, splits, progress))
    arrays = {name: material.arrays[name] for name in families.arrays()}
    return Ranked(save_ranker(checkpoint, ranker, record, arrays), reranker)


def _epochs(trainer: Any, checkpoint: Path) -> int:
    """Epochs that were best; of towers, which are all trained as long here, those of the one that took longest."""
    best = [tower["epoch"] for tower in getattr(trainer.model, "progress", []) if tower["epoch"] >= 0]
    return int(max(best) if best else load_plain(checkpoint)["epoch"]) + 1


def _unranked(checkpoint: Path, settings: RankSettings, families: Families, why: str, recall: float) -> Ranked:
    """Lists stay as they are with ``auto``, for want of queries.

    Raises:
        ConfigurationError: ``on`` asks for a ranker.
    """
    if settings.use == "on":
        raise ConfigurationError(why)
    record = RankRecord(
        on=False,
        why=f"lists stay in the recommender's order ({why.rstrip('.')})",
        candidates=settings.candidates,
        families=families.names,
        columns=[column.name for column in families.columns],
        importance=[],
        recall={"training": round(recall, 4)},
    )
    logger.warning("rank: %s", record.why)
    return Ranked(save_record(checkpoint, record), None)


def _learnable(scorer: ModelScorer, families: Families, wanted: TrainingQueries, count: int, progress: bool) -> _Found:
    """Features of the candidates of the queries whose target is among them."""
    parts, users = [LabelledQueries.none(len(families.columns))], [wanted.queries.users[:0]]
    for rows in query_batches(scorer, len(wanted), "candidates of the ranker", progress):
        queries, targets = wanted.queries.part(rows), wanted.targets[rows]
        candidates = best_candidates(scorer.scores(queries.users.tolist(), queries.pasts), queries.pasts, count)
        at, there = candidates.places_of(targets), candidates.there
        is_target = np.arange(there.shape[1]) == at[:, None]
        labels = is_target[there].astype(np.int64)
        part = LabelledQueries(families.table(queries, candidates), labels, there.sum(axis=1))
        parts.append(part.of(at >= 0))
        users.append(queries.users[at >= 0])
    return _Found(LabelledQueries.joined(parts), np.concatenate(users), len(wanted))


def _joined(folds: Sequence[_Found]) -> _Found:
    learnt = LabelledQueries.joined([one.learnt for one in folds])
    return _Found(learnt, np.concatenate([one.users for one in folds]), sum(one.asked for one in folds))


def _tested(
    trainer: Any, scorer: ModelScorer, reranker: Reranker, splits: tuple[Any, Any, Any], progress: bool
) -> dict[str, Any]:
    """Metrics on the test split: RecBole's own of the new order under both protocols, and both orders compared."""
    with reranked(trainer, reranker, splits, TEST):
        theirs = tested(trainer, splits[0], splits[TEST], load_best_model=False)
    left = effect(scorer, reranker, split_queries(splits, TEST), progress)
    logger.info("rank: test, history left out: %s", left)
    protocols = {"recbole": theirs.recbole, "without_history": theirs.without_history}
    plain = {name: {key: float(value) for key, value in found.items()} for name, found in protocols.items()}
    return {**plain, "history_left_out": left.record()}


def _why(settings: RankSettings, valid: Effect, on: bool) -> str:
    """One line: what was decided, and on what grounds."""
    decided = "lists are in the ranker's order" if on else "lists stay in the recommender's order"
    asked = "rank.use: on" if settings.use == "on" else "it helps" if on else "it does not help"
    return f"{decided} ({asked}); validation, history left out: {valid}"
