"""Checkpoints read back: settings, dataset and model of a run, from its file alone and without unpickling."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, init_seed

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import CheckpointError
from recbole_curec.plugin.checkpoints import IDS, hash_ids, load_plain
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.dataset_checks import check_dataset_files
from recbole_curec.plugin.restored import restore_features

logger = logging.getLogger(__name__)

# What the wrapper keeps beside its weights: see BackboneWrapper.other_parameter.
TRAVELS = "curec"
# Settings that RecBole works out itself, from the others and from the machine, and those of several processes: a run is
# read back in one.
_DERIVED = frozenset(
    {
        "MODEL_TYPE", "MODEL_INPUT_TYPE", "eval_type", "valid_metric_bigger", "device", "valid_neg_sample_args",
        "test_neg_sample_args", "single_spec", "local_rank", "nproc", "world_size", "ip", "port", "offset",
    }
)  # fmt: skip


@dataclass(frozen=True)
class LoadedRun:
    """A run read back from its checkpoint.

    Attributes:
        config: RecBole's config.
        model: The trained model, in evaluation mode.
        dataset: All interactions, after filtering.
        splits: RecBole's loaders of training, validation and test.
        checkpoint: The file.
    """

    config: Any
    model: Any
    dataset: Any
    splits: tuple[Any, Any, Any]
    checkpoint: Path

    @property
    def training(self) -> Any:
        """Dataset of the training split."""
        return self.splits[0].dataset


def load_run(checkpoint: str | Path, overrides: Mapping[str, Any] | None = None) -> LoadedRun:
    """Read a checkpoint back: its settings, the dataset they name, and the model.

    Args:
        checkpoint: A file that this package's trainers wrote, of our models or of a plain one.
        overrides: Settings that win over those of the checkpoint, such as ``data_path`` where the data have moved.

    Raises:
        CheckpointError: The file is no checkpoint of ours, or the data are not those it was trained on.
        CURecError: The dataset cannot be read.
    """
    path = Path(checkpoint).expanduser()
    saved = read_checkpoint(path)
    config = config_of(saved, path, overrides)
    init_seed(config["seed"], config["reproducibility"])
    check_dataset_files(config)  # RecBole would look for a plain model's missing file in the network
    dataset = create_dataset(config)
    splits: tuple[Any, Any, Any] = data_preparation(config, dataset)
    return LoadedRun(config, _model(saved, config, splits[0].dataset, path), dataset, splits, path)


def load_data_and_model(model_file: str) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Stands in for ``recbole.quick_start.load_data_and_model``: config, model, dataset and the three loaders."""
    run = load_run(model_file)
    return run.config, run.model, run.dataset, *run.splits


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a checkpoint, plain data; no code in it is run.

    Raises:
        CheckpointError: It is not there, damaged, or not written by this package.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no checkpoint at '{path}': give the path that the run printed.")
    try:
        saved: Any = load_plain(path, map_location="cpu")
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(
            f"'{path}' cannot be read as a checkpoint of this package ({type(error).__name__}: {reason}): give a file "
            "that its trainers wrote, and copy it again if it was cut off."
        ) from error
    if not isinstance(saved, dict) or not isinstance(saved.get("config"), dict) or "state_dict" not in saved:
        raise CheckpointError(f"'{path}' holds no settings and weights: give a checkpoint that this package wrote.")
    return saved


def config_of(saved: Mapping[str, Any], path: Path, overrides: Mapping[str, Any] | None = None) -> Any:
    """RecBole's config as the checkpoint's run had it."""
    settings = dict(saved["config"])
    model, dataset = settings.pop("model", None), settings.pop("dataset", None)
    if not isinstance(model, str) or not isinstance(dataset, str):
        raise CheckpointError(f"'{path}' names no model and dataset: give a checkpoint that this package wrote.")
    if (settings.get("train_neg_sample_args") or {}).get("distribution") == "none":
        settings["train_neg_sample_args"] = None  # RecBole spells a missing one out
    given = {key: value for key, value in settings.items() if key not in _DERIVED}
    # RecBole turns the folder of the datasets into that of the dataset; '<folder>/<dataset>' is given back as it was.
    data_path = Path(str(given.get("data_path", "dataset")))
    given["data_path"] = str(data_path.parent if data_path.name == dataset else data_path)
    config = load_config(model, dataset, (), {**given, **(overrides or {})}, check=False)
    travels = _travelling(saved)
    if travels is not None:
        restore_features(config, int(travels["dim"]))
    return config


def _travelling(saved: Mapping[str, Any]) -> dict[str, Any] | None:
    other = saved.get("other_parameter")
    found = other.get(TRAVELS) if isinstance(other, dict) else None
    return found if isinstance(found, dict) else None


def _model(saved: Mapping[str, Any], config: Any, training: Any, path: Path) -> Any:
    travels = _travelling(saved)
    if config["model"] in OUR_MODELS and travels is not None:
        _check_same_data(travels, training, path)
    elif saved.get(IDS) is not None:
        _check_same_ids(saved[IDS], training, path)
    init_seed(config["seed"], config["reproducibility"])
    model = get_model(config["model"])(config, training).to(config["device"])
    try:
        model.load_state_dict(saved["state_dict"])
    except RuntimeError as error:
        raise CheckpointError(
            f"'{path}' does not fit the dataset {config['dataset']} in {config['data_path']} "
            f"({' '.join(str(error).split())[:200]}): give data_path, the folder with the files it was trained on."
        ) from error
    model.load_other_parameter(on_device(saved.get("other_parameter"), config["device"]))
    model.eval()
    return model


def on_device(value: Any, device: torch.device) -> Any:
    """Plain data with every tensor in it on a device: vectors that a model keeps beside its weights move with none."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: on_device(inner, device) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(on_device(inner, device) for inner in value)
    return value


def _check_same_data(travels: Mapping[str, Any], training: Any, path: Path) -> None:
    """The ids and the training split must be those of the checkpoint, or scores would belong to other items.

    Raises:
        CheckpointError: They are not.
    """
    for kind, field in (("item", training.iid_field), ("user", training.uid_field)):
        tokens = [str(token) for token in training.field2id_token[field]]
        before = json.loads(travels[f"{kind}_tokens"])
        if tokens != before:
            raise CheckpointError(
                f"'{path}' was trained on other {kind}s than {training.dataset_name} in {training.dataset_path} holds "
                f"({len(before) - 1:,} then, {len(tokens) - 1:,} now, or in another order): give data_path, the folder "
                "with the files it was trained on."
            )
    if training.train_history().digest() != travels["training"]:
        raise CheckpointError(
            f"'{path}' was trained on other interactions than {training.dataset_name} in {training.dataset_path} "
            "holds: give data_path, the folder with the files it was trained on."
        )


def _check_same_ids(before: Mapping[str, str], training: Any, path: Path) -> None:
    """The same for a plain model, whose checkpoint holds hashes of the ids alone.

    Raises:
        CheckpointError: They are not.
    """
    now = hash_ids(training)
    for kind in before:
        if now.get(kind) != before[kind]:
            raise CheckpointError(
                f"'{path}' was trained on other {kind}s than {training.dataset_name} in {training.dataset_path} holds, "
                "or on the same in another order: give data_path, the folder with the files it was trained on."
            )


def internal_ids(tokens: Any) -> dict[str, int]:
    """Internal id by original id, padding left out."""
    return {str(token): number for number, token in enumerate(np.asarray(tokens).tolist()) if number}


def device_of(model: Any) -> torch.device:
    """Where a model is."""
    device: torch.device = next(iter(model.parameters())).device
    return device
