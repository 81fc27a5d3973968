"""A whole run in one call: CURec beside its backbone with text only and with ids only, or any plain RecBole model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recbole_curec.backbones.lookup import OUR_MODELS, RATING_MODEL
from recbole_curec.hardware import slow_kernels
from recbole_curec.pipelines import reccot
from recbole_curec.pipelines.curec import stage_count
from recbole_curec.plugin.config import load_config, merged, preset_note, used_aliases
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.ranked_here import RankedHere
from recbole_curec.plugin.review_features import planned_review_artifacts
from recbole_curec.plugin.run_record import FULL, IDS_ONLY, TEXT_ONLY, RecordedModel, write_run_record
from recbole_curec.plugin.shared_training import Follower
from recbole_curec.plugin.trained_model import TrainedModel, split_data, stage_artifacts, train
from recbole_curec.processes import on_main, start, world
from recbole_curec.ranking.store import RankRecord
from recbole_curec.reasons.store import STORE, ReasonRecord, read_records
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)

_REASONS = "correct"


@dataclass(frozen=True)
class RunResult:
    """Result of a run.

    Attributes:
        models: The requested model first, then its backbone with text only and with ids only if these were trained too.
        reasons: Sample reasons; empty for plain models and where no reasons were written.
        artifacts: Folder of every stage's artifact; empty for plain models.
        config: RecBole's config of the run; None on processes that did not train.
        rank: What was decided about the order of the requested model's lists; None with ``rank.use: off``.
    """

    models: list[TrainedModel]
    reasons: list[ReasonRecord] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)
    config: Any = None
    rank: RankRecord | None = None

    @property
    def checkpoint(self) -> Path:
        """Checkpoint of the requested model."""
        return self.models[0].checkpoint


def run(
    model: str | None = None,
    dataset: str | None = None,
    config_files: Sequence[str | Path] = (),
    overrides: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> RunResult:
    """Run a recommender on a dataset; for our models all stages, and their backbone without reasons beside them.

    Args:
        model: ``CURec``, ``CURecGeneral``, ``RecCoT`` or any RecBole model; None takes it from the files or overrides.
        dataset: Dataset name; None takes it from the files or overrides.
        config_files: YAML files; later ones take precedence.
        overrides: Settings that override the files.
        more: Settings that override ``overrides``.

    Raises:
        CURecError: A setting or the data cannot be used.
    """
    given = merged(overrides or {}, more or {})
    config = load_config(model, dataset, config_files, given)
    return run_config(config, lambda more: load_config(model, dataset, config_files, merged(given, more)))


def run_config(config: Any, reload: Callable[[dict[str, Any]], Any]) -> RunResult:
    """Run a loaded config.

    Args:
        config: RecBole ``Config`` from :func:`recbole_curec.plugin.config.load_config`.
        reload: Builds the same config with additional settings; used for the id-only backbone.

    Returns:
        The result; without models on all processes except the first.
    """
    log_aliases(config)
    start(config["device"])
    if hint := slow_kernels(config["device"]):
        logger.info("%s", hint)
    if world().size > 1:
        logger.info("%d processes train stages 2 and 4", world().size)
    splits = split_data(config)
    return _recommend(config, splits, reload)


def log_aliases(config: Any) -> None:
    """Log which settings were given by a flat name, with their full names, and which the language model brings."""
    used = used_aliases(config)
    if used:
        logger.info("settings by flat names: %s", ", ".join(f"{alias} is {full}" for alias, full in used.items()))
    if note := preset_note(config):
        logger.info("%s", note)


def _recommend_plainly(config: Any, splits: Any, reload: Callable[[dict[str, Any]], Any]) -> RunResult:
    """A model of RecBole, or the rating model; on one process."""
    name = str(config["model"])
    if name == RATING_MODEL:
        return _predict_ratings(config, splits, reload)
    return RunResult([train(config, name, splits)], config=config)


def _recommend(config: Any, splits: tuple[Any, Any, Any], reload: Callable[[dict[str, Any]], Any]) -> RunResult:
    """The requested model and those it is compared with; on all processes, of which the first has the result."""
    name = str(config["model"])
    if name not in OUR_MODELS:
        return on_main(lambda: _recommend_plainly(config, splits, reload)) or RunResult([])
    settings = settings_of(config)
    wrapped, ranked = settings.uses_features, RankedHere(config, splits)
    backbone = settings.recommend.backbone
    number = stage_count(settings)
    title = f"[{number}/{number}] recommend"
    logger.info("%s: started (%s)", title, backbone)
    title_of_model = f"{name} ({backbone})" if wrapped else f"{backbone}, ids only"
    trained = [_train_on_all(config, title_of_model, splits, inspect=ranked)]
    roles = [FULL if wrapped else IDS_ONLY]
    if wrapped and settings.run.compare_baseline:
        for role, what, fewer in _compared(settings):
            logger.info("%s: the same backbone with %s, for comparison", title, what)
            other = reload(fewer)
            trained.append(_train_on_all(other, f"{backbone}, {role}", split_data(other)))
            roles.append(role)
    models = [one for one in trained if one is not None]
    return on_main(lambda: _recorded(config, splits, models, roles, ranked.record)) or RunResult([])


def _recorded(
    config: Any, splits: tuple[Any, Any, Any], models: list[TrainedModel], roles: list[str], rank: RankRecord | None
) -> RunResult:
    """Write the record of the models of a run, say how they did, and return its result."""
    settings = settings_of(config)
    number = stage_count(settings)
    title = f"[{number}/{number}] recommend"
    _write_record(models, roles)
    metric = str(config["valid_metric"])
    summary = ", ".join(f"{one.name}: test {metric} {one.test[metric.lower()]:.4f}" for one in models)
    logger.info("%s: %s (%.0f s)", title, summary, sum(one.seconds for one in models))
    if not settings.uses_features:
        return RunResult(models, config=config, rank=rank)
    artifacts = {stage: made.folder for stage, made in stage_artifacts(config, dataset_of(splits[0])).items()}
    records = read_records(artifacts[_REASONS] / STORE) if _REASONS in artifacts else []
    sample = _sample(records, settings.run.sample_reasons, settings.run.reason_seed)
    return RunResult(models, sample, artifacts, config, rank)


def _compared(settings: Settings) -> list[tuple[str, str, dict[str, Any]]]:
    """The models trained for comparison: role, what they read, and the settings that differ."""
    plain: dict[str, Any] = {"rank.use": "off"} if settings.rank.is_used else {}
    without = {"encode.reason_source": "none", "encode.shuffle_reviews": False}
    if settings.encode.statements:
        without |= {"encode.statements": False, "encode.shuffle_statements": False}
    text = (TEXT_ONLY, "item text and no reasons", {**without, **plain})
    ids = (IDS_ONLY, "ids alone", {"recommend.fusion": "none", "recommend.fusion_alignment": 0.0, **plain})
    is_text_only = settings.encode.reason_source == "none" and not settings.encode.statements
    return [ids] if is_text_only else [text, ids]


def _write_record(models: Sequence[TrainedModel], roles: Sequence[str]) -> None:
    """Record which models were trained together; of the roles, those of the models there are."""
    write_run_record(
        [
            RecordedModel(role, one.name, one.checkpoint, one.valid, one.test, one.test_without_history)
            for role, one in zip(roles, models, strict=False)
        ]
    )


def _predict_ratings(config: Any, splits: tuple[Any, Any, Any], reload: Callable[[dict[str, Any]], Any]) -> RunResult:
    """Train the rating model and, for comparison, the same one without past reviews."""
    settings = settings_of(config)
    number = reccot.stage_count()
    title = f"[{number}/{number}] recommend"
    logger.info("%s: started (%s)", title, settings.reccot.use)
    models = [train(config, f"{RATING_MODEL} ({settings.reccot.use})", splits)]
    if settings.reccot.reads_reviews and settings.run.compare_baseline:
        logger.info("%s: the same model without past reviews, for comparison", title)
        models.append(train(reload({"reccot.use": "ids"}), f"{RATING_MODEL} (ids)"))
    _write_record(models, [FULL if settings.reccot.reads_reviews else IDS_ONLY, IDS_ONLY])
    metric = str(config["valid_metric"])
    summary = ", ".join(f"{one.name}: test {metric} {one.test[metric.lower()]:.4f}" for one in models)
    logger.info("%s: %s (%.0f s)", title, summary, sum(one.seconds for one in models))
    if not settings.reccot.reads_reviews:
        return RunResult(models, config=config)
    made = planned_review_artifacts(config, dataset_of(splits[0]).train_reviews())
    return RunResult(models, artifacts={stage: one.folder for stage, one in made.items()}, config=config)


def _train_on_all(
    config: Any, name: str, splits: tuple[Any, Any, Any], inspect: Callable[[Any, Any], None] | None = None
) -> TrainedModel | None:
    """:func:`train` on the first process, whose epochs the others share; these get None."""
    return on_main(lambda: train(config, name, splits, inspect, followed=True), Follower(config, splits[0]))


def _sample(records: list[ReasonRecord], count: int, seed: int) -> list[ReasonRecord]:
    rows = np.random.default_rng(seed).permutation(len(records))[:count]
    return [records[row] for row in sorted(rows)]
