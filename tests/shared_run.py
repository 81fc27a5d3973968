"""One process of a training that several share: models one after another, and what this rank held of each at its end.

python -m torch.distributed.run --nproc_per_node 2 -m tests.shared_run <folder>

``<folder>/models.json`` holds model and settings of each by name. What a rank saw is written to ``rank<number>.json``,
the parameters to ``<name>-<number>.pt``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed

from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.shared_training import Follower, SharedTraining
from recbole_curec.plugin.trained_model import train
from recbole_curec.processes import on_main, start, stop, world
from tests.conftest import random_features
from tests.rank_run import weights_hash


def splits_of(config: Any) -> tuple[Any, Any, Any]:
    """RecBole's loaders, with random features."""
    init_seed(config["seed"], config["reproducibility"])
    loaders: tuple[Any, Any, Any] = data_preparation(config, create_dataset(config))
    training = loaders[0].dataset
    for loader in loaders:
        loader.dataset.features = random_features(training.item_num, training.user_num)
    return loaders


def trained(model: str, settings: dict[str, Any], parameters: Path) -> dict[str, Any]:
    """Train a model on all processes of the run, or on this one if there is one; what the rank saw.

    Args:
        model: Name of the model.
        settings: All settings.
        parameters: File of the parameters of the best epoch.
    """
    config = load_config(model, "toy", (), settings)
    splits = splits_of(config)
    seen: dict[str, Any] = {"hashes": []}
    epoch = SharedTraining.epoch

    def spy(self: Any, *given: Any) -> Any:
        losses = epoch(self, *given)
        seen["hashes"].append(weights_hash(self._model))
        return losses

    def look(trainer: Any, _test: Any) -> None:
        seen["losses"] = list(trainer.train_loss_dict.values())
        seen["optimizer"] = sorted(trainer.optimizer.state_dict())
        torch.save(trainer.model.state_dict(), parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SharedTraining, "epoch", spy)
        result = on_main(lambda: train(config, model, splits, inspect=look, followed=True), Follower(config, splits[0]))
    return seen if result is None else {**seen, "valid": dict(result.valid), "test": dict(result.test)}


def main(folder: Path) -> None:
    """Train every model."""
    torch.set_num_threads(1)
    start(torch.device("cpu"))
    rank = world().rank
    models = json.loads((folder / "models.json").read_text())
    seen = {name: trained(*given, folder / f"{name}-{rank}.pt") for name, given in models.items()}
    (folder / f"rank{rank}.json").write_text(json.dumps(seen), encoding="utf-8")
    stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
