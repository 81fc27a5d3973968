"""Training of a model that is measured on the validation split alone, for a search over settings."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recbole_curec.errors import ConfigurationError, DivergedError
from recbole_curec.plugin.new_trainers import close_events, new_trainer


@dataclass(frozen=True)
class Validated:
    """A model that was trained and validated; neither it nor a checkpoint is kept.

    Attributes:
        score: Value of ``valid_metric`` in the best epoch.
        metrics: All validation metrics of that epoch.
        epochs: Epochs trained.
        seconds: Time for training and validation.
        parameters: Trainable parameters.
    """

    score: float
    metrics: Mapping[str, float]
    epochs: int
    seconds: float
    parameters: int


def validated(config: Any, training: Any, valid: Any, watch: Callable[[int, float], None]) -> Validated:
    """Train as RecBole does, with early stopping on the validation split; the test split is not asked for.

    Args:
        config: RecBole's config.
        training: Loader of the training split.
        valid: Loader of the validation split.
        watch: Called after every validation with the number of epochs so far and the score; what it raises ends the
            training.

    Raises:
        ConfigurationError: No epoch was validated.
        DivergedError: The score is no number.
    """
    began = time.perf_counter()
    trainer = new_trainer(config, training)

    def after_epoch(epoch: int, score: float) -> None:
        watch(epoch + 1, float(score))

    try:
        score, metrics = trainer.fit(
            training, valid, verbose=False, saved=False, show_progress=False, callback_fn=after_epoch
        )
    finally:
        close_events(trainer)
    if not metrics:
        raise ConfigurationError(
            f"No epoch was validated with epochs: {config['epochs']} and eval_step: {config['eval_step']}: a search "
            "needs the validation score: set eval_step from 1 to epochs."
        )
    if not math.isfinite(score):
        raise DivergedError(f"The training diverged: the validation score is {score}.")
    return Validated(
        float(score),
        {name: float(value) for name, value in metrics.items()},
        len(trainer.train_loss_dict),
        time.perf_counter() - began,
        sum(one.numel() for one in trainer.model.parameters() if one.requires_grad),
    )


def check_validates(config: Any) -> None:
    """Check that a run's model is trained by epochs with a validation.

    Raises:
        ConfigurationError: It is not.
    """
    if str(getattr(config["MODEL_TYPE"], "name", "")) == "DECISIONTREE":
        raise ConfigurationError(
            f"model: {config['model']} cannot be tuned: RecBole trains it without epochs; choose another model."
        )
    if not 0 < config["eval_step"] <= config["epochs"]:
        raise ConfigurationError(
            f"eval_step={config['eval_step']} cannot be used with epochs={config['epochs']}: a search needs the "
            "validation score: set eval_step from 1 to epochs."
        )
