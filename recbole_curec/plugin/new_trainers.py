"""New models with the trainers that RecBole chooses for them."""

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
