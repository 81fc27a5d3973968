"""Models trained for a moment and saved, for the tests of what is done with a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed

from recbole_curec.plugin.new_trainers import new_trainer
from tests.atomic_dataset import AtomicDataset

# Name, model, settings; the features are random ones.
CHECKPOINTS: dict[str, tuple[str, dict[str, Any]]] = {
    "CURec gate": ("CURec", {"fusion": "gate"}),
    "CURec init": ("CURec", {"fusion": "init"}),
    "CURec none": ("CURec", {"fusion": "none"}),
    "CURecGeneral BPR": ("CURecGeneral", {"backbone": "BPR", "fusion": "gate"}),
    "CURecGeneral LightGCN": ("CURecGeneral", {"backbone": "LightGCN", "fusion": "gate"}),
    "BPR": ("BPR", {}),
    "SASRec": ("SASRec", {}),
    "LightGCN": ("LightGCN", {}),
}

LATE: dict[str, Any] = {"fusion": "late", "late.towers": ["none", "gate"]}


@dataclass(frozen=True)
class Trained:
    """A trained model and its checkpoint.

    Attributes:
        config: RecBole's config.
        model: The model as it was when the file was written.
        splits: RecBole's loaders.
        checkpoint: The file.
    """

    config: Any
    model: Any
    splits: tuple[Any, Any, Any]
    checkpoint: Path


def train(load: Callable[..., Any], dataset: AtomicDataset, name: str, **overrides: Any) -> Trained:
    """Train one of :data:`CHECKPOINTS` for two epochs.

    Args:
        load: The fixture of that name.
        dataset: The data.
        name: Which one.
        overrides: More settings.
    """
    model, settings = CHECKPOINTS[name]
    config = load(model, dataset, **{**settings, **overrides})
    init_seed(config["seed"], config["reproducibility"])
    splits = data_preparation(config, create_dataset(config))
    trainer = new_trainer(config, splits[0])
    # Without validation every epoch is saved, so the last one is both in memory and in the file.
    trainer.fit(splits[0], valid_data=None, verbose=False)
    return Trained(config, trainer.model.eval(), splits, Path(trainer.saved_model_file))


@torch.no_grad()
def scores_of(model: Any, test: Any) -> torch.Tensor:
    """Scores of every item for the first batch of a test split, shape ``(B, n_items)``."""
    batch = next(iter(test))[0]
    scores: torch.Tensor = model.eval().full_sort_predict(batch)
    return scores.view(len(batch), -1)
