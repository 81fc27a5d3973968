"""One model on one dataset: its loaders, with the features it reads, its training and its test."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed

from recbole_curec.backbones.lookup import RATING_MODEL, uses_features
from recbole_curec.model.wrapper import check_backbone
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.checks.table import SPLIT, run_checks
from recbole_curec.plugin.features import planned_artifacts
from recbole_curec.plugin.history_mask import tested
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.new_trainers import close_events, new_trainer
from recbole_curec.plugin.shared_training import share_epochs
from recbole_curec.settings.travel import settings_of


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
