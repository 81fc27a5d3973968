"""A whole run in one call: CURec beside its backbone with text only and with ids only, or any plain RecBole model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed

from recbole_curec.backbones.lookup import OUR_MODELS, RATING_MODEL, uses_features
from recbole_curec.hardware import slow_kernels
from recbole_curec.model.wrapper import check_backbone
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines import reccot
from recbole_curec.pipelines.curec import stage_count
from recbole_curec.plugin.checks.table import SPLIT, run_checks
from recbole_curec.plugin.config import load_config, merged, preset_note, used_aliases
from recbole_curec.plugin.features import planned_artifacts
from recbole_curec.plugin.history_mask import tested
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.new_trainers import close_events, new_trainer
from recbole_curec.plugin.rank import Ranked, rank
from recbole_curec.plugin.rank_effect import TEST, reranked
from recbole_curec.plugin.review_features import planned_review_artifacts
from recbole_curec.plugin.run_record import FULL, IDS_ONLY, TEXT_ONLY, RecordedModel, write_run_record
from recbole_curec.plugin.shared_training import Follower, share_epochs
from recbole_curec.processes import on_main, start, world
from recbole_curec.ranking.store import RankRecord
from recbole_curec.reasons.store import STORE, ReasonRecord, read_records
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)

_REASONS = "correct"


@dataclass(frozen=True)
class TrainedModel:
    """One trained recommender.

    Attributes:
        name: Its name in tables.
        valid: Validation metrics of the best epoch.
        test: Test metrics of that epoch's checkpoint, by RecBole's protocol.
        checkpoint: Path of the checkpoint.
        seconds: Time for training and evaluation.
        test_without_history: The same with the user's history left out of the list; empty where RecBole's protocol
            leaves it out.
        epochs: Epochs trained until training stopped.
        parameters: Trainable parameters.
    """

    name: str
    valid: Mapping[str, float]
    test: Mapping[str, float]
    checkpoint: Path
    seconds: float
    test_without_history: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 0
    parameters: int = 0


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


def stage_artifacts(config: Any, training: Any) -> dict[str, Artifact]:
    """The artifacts that a run of one of our models depends on, by stage; empty if it uses no features.

    Args:
        config: RecBole's config.
        training: Dataset of the training split.
    """
    if not uses_features(config):
        return {}
    # Those the features were made from: data or a hub model that changed since then would plan others.
    return training.artifacts or planned_artifacts(config, training.praised_history())


def split_data(config: Any) -> tuple[Any, Any, Any]:
    """RecBole's loaders of the three splits; for our models with features made by stages 1 to 6.

    Raises:
        CURecError: The data cannot be used with these settings.
    """
    init_seed(config["seed"], config["reproducibility"])
    loaders: tuple[Any, Any, Any] = data_preparation(config, create_dataset(config))
    run_checks(SPLIT, config, loaders)
    if uses_features(config):
        training = dataset_of(loaders[0])
        check_backbone(config, training)  # before the stages, which take long
        features = training.features
        for loader in loaders:
            dataset_of(loader).features = features
    elif config["model"] == RATING_MODEL and settings_of(config).reccot.reads_reviews:
        vectors = dataset_of(loaders[0]).review_vectors
        for loader in loaders:
            dataset_of(loader).review_vectors = vectors
    return loaders


def train(
    config: Any,
    name: str,
    splits: tuple[Any, Any, Any] | None = None,
    inspect: Callable[[Any, Any], None] | None = None,
    *,
    followed: bool = False,
) -> TrainedModel:
    """Train, restore the best checkpoint, and test, as RecBole's ``run_recbole`` does.

    A sequential model is tested twice in one pass, by RecBole's protocol and with histories left out.

    Args:
        config: RecBole's config.
        name: Name of the model in tables.
        splits: Result of :func:`split_data`; computed if not given.
        inspect: Called with the trainer, after the best checkpoint is loaded, and the loader of the test split.
        followed: Whether the other processes of the run are ready to take part in the epochs.
    """
    training, valid, test = splits or split_data(config)
    began = time.perf_counter()
    trainer = new_trainer(config, training)
    if followed:
        share_epochs(trainer)
    _, best = trainer.fit(training, valid, saved=True, show_progress=config["show_progress"])
    found = tested(trainer, training, test)
    seconds = time.perf_counter() - began
    close_events(trainer)
    if inspect is not None:
        inspect(trainer, test)
    return TrainedModel(
        name,
        dict(best or {}),
        found.recbole,
        Path(trainer.saved_model_file),
        seconds,
        found.without_history,
        epochs=len(trainer.train_loss_dict),
        parameters=sum(one.numel() for one in trainer.model.parameters() if one.requires_grad),
    )


def _train_on_all(
    config: Any, name: str, splits: tuple[Any, Any, Any], inspect: Callable[[Any, Any], None] | None = None
) -> TrainedModel | None:
    """:func:`train` on the first process, whose epochs the others share; these get None."""
    return on_main(lambda: train(config, name, splits, inspect, followed=True), Follower(config, splits[0]))


def _sample(records: list[ReasonRecord], count: int, seed: int) -> list[ReasonRecord]:
    rows = np.random.default_rng(seed).permutation(len(records))[:count]
    return [records[row] for row in sorted(rows)]
