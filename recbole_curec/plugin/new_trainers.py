"""The trainers that RecBole chooses, for new models and for trained ones."""

from __future__ import annotations

from typing import Any

from recbole.utils import get_trainer, init_seed

from recbole_curec.backbones.lookup import model_class
from recbole_curec.plugin.loaders import dataset_of


def new_trainer(config: Any, training: Any) -> Any:
    """The trainer that RecBole chooses, with a newly initialised model.

    Args:
        config: RecBole's config.
        training: Loader of the training split.
    """
    init_seed(config["seed"], config["reproducibility"])
    model = model_class(config["model"])(config, dataset_of(training)).to(config["device"])
    return get_trainer(config["MODEL_TYPE"], config["model"])(config, model)


def trainer_of(config: Any, model: Any, training: Any) -> Any:
    """A trainer of a model that is trained already, to evaluate it; some metrics count the loader of training."""
    trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
    close_events(trainer)
    trainer.eval_collector.data_collect(training)
    return trainer


def close_events(trainer: Any) -> None:
    """End the thread that RecBole opens with every trainer and leaves running."""
    if getattr(trainer, "tensorboard", None) is not None:
        trainer.tensorboard.close()
