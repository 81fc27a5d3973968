"""One call from a model name to results: CURec beside its id-only backbone, or any plain RecBole model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_trainer, init_seed

from recbole_curec.artifacts import Artifact
from recbole_curec.config import load_config
from recbole_curec.correction.store import STORE, ReasonRecord, read_records
from recbole_curec.distributed import on_main, start
from recbole_curec.pipeline import N_STAGES, artifact_root, data_source, plan
from recbole_curec.registry import OUR_MODELS, model_class
from recbole_curec.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedModel:
    """One trained recommender.

    Attributes:
        name: What to call it in a table.
        valid: Validation metrics of the best epoch.
        test: Test metrics of that epoch's checkpoint.
        checkpoint: Where it lies.
        seconds: Time for training and evaluation.
    """

    name: str
    valid: Mapping[str, float]
    test: Mapping[str, float]
    checkpoint: Path
    seconds: float


@dataclass(frozen=True)
class RunResult:
    """What a run produced.

    Attributes:
        models: The requested model first, then its id-only backbone if it was trained too.
        reasons: Sample reasons; empty for plain models.
        artifacts: Folder of every stage's artifact; empty for plain models.
    """

    models: list[TrainedModel]
    reasons: list[ReasonRecord] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)


def run(
    model: str | None = None,
    dataset: str | None = None,
    config_files: Sequence[str | Path] = (),
    overrides: Mapping[str, Any] | None = None,
) -> RunResult:
    """Run a model on a dataset; for ours all seven stages, and the id-only backbone under the same protocol.

    Args:
        model: ``CURec``, ``CURecGeneral`` or any RecBole model; None takes it from the files or overrides.
        dataset: Dataset name; None likewise.
        config_files: YAML files, later ones win.
        overrides: Settings that win over the files.

    Raises:
        CURecError: A setting or the data cannot be used.
    """
    config = load_config(model, dataset, config_files, overrides)
    return run_config(config, lambda more: load_config(model, dataset, config_files, {**(overrides or {}), **more}))


def run_config(config: Any, reload: Any) -> RunResult:
    """Run a loaded config.

    Args:
        config: RecBole ``Config`` from :func:`recbole_curec.config.load_config`.
        reload: Builds the same config with a few overrides; used for the id-only backbone.

    Returns:
        The result; one without models on every process but the first, where stage 7 runs.
    """
    start(config["device"])
    splits = split_data(config)
    return on_main(lambda: _recommend(config, splits, reload)) or RunResult([])


def _recommend(config: Any, splits: tuple[Any, Any, Any], reload: Any) -> RunResult:
    name = str(config["model"])
    if name not in OUR_MODELS:
        return RunResult([train(config, name, splits)])
    settings = Settings.from_mapping(config.final_config_dict)
    lifted = settings.recommend.fusion != "none"
    backbone = settings.recommend.backbone
    title = f"[{N_STAGES}/{N_STAGES}] recommend"
    logger.info("%s: started (%s)", title, backbone)
    models = [train(config, f"{name} ({backbone})" if lifted else f"{backbone}, ids only", splits)]
    if lifted and settings.run.compare_baseline:
        logger.info("%s: the same backbone without reasons, for comparison", title)
        models.append(train(reload({"fusion": "none", "fusion_alignment": 0.0}), f"{backbone}, ids only"))
    metric = str(config["valid_metric"])
    summary = ", ".join(f"{one.name}: test {metric} {one.test[metric.lower()]:.4f}" for one in models)
    logger.info("%s: %s (%.0f s)", title, summary, sum(one.seconds for one in models))
    if not lifted:
        return RunResult(models)
    artifacts = stage_artifacts(config, splits[0].dataset)
    records = read_records(artifacts["correct"].folder / STORE)
    return RunResult(
        models,
        _sample(records, settings.run.sample_reasons, settings.run.reason_seed),
        {stage: artifact.folder for stage, artifact in artifacts.items()},
    )


def stage_artifacts(config: Any, training: Any) -> dict[str, Artifact]:
    """The artifacts a run of ours was made from, by stage; none where nothing is lifted.

    Args:
        config: RecBole's config.
        training: Dataset of the training split.
    """
    if config["model"] not in OUR_MODELS:
        return {}
    settings = Settings.from_mapping(config.final_config_dict)
    if settings.recommend.fusion == "none":
        return {}
    return plan(settings, data_source(config, training.train_history()), artifact_root(config, settings))


def split_data(config: Any) -> tuple[Any, Any, Any]:
    """RecBole's loaders of the three splits; for our models this runs stages 1-6."""
    init_seed(config["seed"], config["reproducibility"])
    loaders: tuple[Any, Any, Any] = data_preparation(config, create_dataset(config))
    return loaders


def new_trainer(config: Any, training: Any) -> Any:
    """The trainer RecBole picks, over a new model.

    Args:
        config: RecBole's config.
        training: Loader of the training split.
    """
    init_seed(config["seed"], config["reproducibility"])
    model = model_class(config["model"])(config, training.dataset).to(config["device"])
    return get_trainer(config["MODEL_TYPE"], config["model"])(config, model)


def train(
    config: Any,
    name: str,
    splits: tuple[Any, Any, Any] | None = None,
    inspect: Callable[[Any, Any], None] | None = None,
) -> TrainedModel:
    """Train, restore the best checkpoint, and test, as RecBole's ``run_recbole`` does.

    Args:
        config: RecBole's config.
        name: What to call the model in a table.
        splits: Result of :func:`split_data`, if it is there already.
        inspect: Called with the trainer, holding the best checkpoint, and the loader of the test split.
    """
    training, valid, test = splits or split_data(config)
    start = time.perf_counter()
    trainer = new_trainer(config, training)
    _, best = trainer.fit(training, valid, saved=True, show_progress=config["show_progress"])
    tested = trainer.evaluate(test, load_best_model=True, show_progress=False)
    seconds = time.perf_counter() - start
    if inspect is not None:
        inspect(trainer, test)
    return TrainedModel(name, dict(best or {}), dict(tested or {}), Path(trainer.saved_model_file), seconds)


def _sample(records: list[ReasonRecord], count: int, seed: int) -> list[ReasonRecord]:
    rows = np.random.default_rng(seed).permutation(len(records))[:count]
    return [records[row] for row in sorted(rows)]
