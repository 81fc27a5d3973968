"""Loading of a run from its checkpoint: settings, dataset and model, without unpickling."""

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

from recbole_curec.backbones.lookup import is_ours
from recbole_curec.errors import CheckpointError, in_one_line
from recbole_curec.paths import user_path
from recbole_curec.plugin.checkpoints import IDS, hash_ids, load_plain
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.dataset_checks import check_dataset_files
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.restored import restore_features

logger = logging.getLogger(__name__)

# Key of the data that BackboneWrapper.other_parameter saves beside the weights.
EXTRA = "curec"
# Settings that RecBole derives from others and from the machine, those of distributed runs (a checkpoint is loaded in
# one process), and those of pickled datasets, which nothing reads.
_DERIVED = frozenset(
    {
        "MODEL_TYPE", "MODEL_INPUT_TYPE", "eval_type", "valid_metric_bigger", "device", "valid_neg_sample_args",
        "test_neg_sample_args", "single_spec", "local_rank", "nproc", "world_size", "ip", "port", "offset",
        "save_dataset", "save_dataloaders", "dataset_save_path", "dataloaders_save_path",
    }
)  # fmt: skip


@dataclass(frozen=True)
class LoadedData:
    """The settings and data of a run, loaded from its checkpoint.

    Attributes:
        config: RecBole's config.
        dataset: All interactions, after filtering.
        splits: RecBole's loaders of training, validation and test.
    """

    config: Any
    dataset: Any
    splits: tuple[Any, Any, Any]

    @property
    def training(self) -> Any:
        """Dataset of the training split."""
        return dataset_of(self.splits[0])


@dataclass(frozen=True)
class LoadedRun(LoadedData):
    """A run loaded from its checkpoint.

    Attributes:
        model: The trained model, in evaluation mode.
        checkpoint: The file.
    """

    model: Any
    checkpoint: Path


def moved_to(data_path: str | Path | None) -> dict[str, str]:
    """The overrides for a run whose datasets lie in another folder now; none where they have not moved."""
    return {} if data_path is None else {"data_path": str(data_path)}


def load_data(checkpoint: str | Path, overrides: Mapping[str, Any] | None = None) -> LoadedData:
    """Load the settings of a checkpoint and the dataset they name, without the model; see :func:`load_run`."""
    path = user_path("checkpoint", checkpoint)
    return _data(read_checkpoint(path), path, overrides)


def load_run(checkpoint: str | Path, overrides: Mapping[str, Any] | None = None) -> LoadedRun:
    """Load a checkpoint: its settings, the dataset they name, and the model.

    Args:
        checkpoint: A file written by this package's trainers, for one of our models or a plain one.
        overrides: Settings that override those of the checkpoint, such as ``data_path`` where the data have moved.

    Raises:
        CheckpointError: The file is not a checkpoint of this package, or the data differ from the training data.
        CURecError: The dataset cannot be read.
    """
    path = user_path("checkpoint", checkpoint)
    saved = read_checkpoint(path)
    data = _data(saved, path, overrides)
    return LoadedRun(data.config, data.dataset, data.splits, _model(saved, data.config, data.training, path), path)


def _data(saved: Mapping[str, Any], path: Path, overrides: Mapping[str, Any] | None = None) -> LoadedData:
    config = config_of(saved, path, overrides)
    init_seed(config["seed"], config["reproducibility"])
    check_dataset_files(config)  # for a plain model, RecBole would try to download a missing file
    dataset = create_dataset(config)
    data = LoadedData(config, dataset, data_preparation(config, dataset))
    extra = _extra(saved)
    if is_ours(config["model"]) and extra is not None:
        _check_same_data(extra, data.training, path)
    elif saved.get(IDS) is not None:
        _check_same_ids(saved[IDS], data.training, path)
    return data


def load_data_and_model(model_file: str) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Replaces ``recbole.quick_start.load_data_and_model``: config, model, dataset and the three loaders."""
    run = load_run(model_file)
    return run.config, run.model, run.dataset, *run.splits


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a checkpoint as plain data; no code from the file is run.

    Raises:
        CheckpointError: The file is missing, damaged, or not written by this package.
    """
    saved: Any = load_plain(path, map_location="cpu")
    parts = saved if isinstance(saved, dict) else {}
    wanted = isinstance(parts.get("config"), dict) and isinstance(parts.get("state_dict"), dict)
    optional = all(isinstance(parts.get(key, {}), dict | None) for key in (IDS, "other_parameter"))
    if not wanted or not optional:
        raise CheckpointError(f"'{path}' holds no settings and weights: give a checkpoint that this package wrote.")
    return parts


def config_of(saved: Mapping[str, Any], path: Path, overrides: Mapping[str, Any] | None = None) -> Any:
    """RecBole's config of the run that wrote the checkpoint.

    Args:
        saved: Content of the checkpoint.
        path: Path of the checkpoint, for messages.
        overrides: Settings that override those of the checkpoint.

    Raises:
        CURecError: The checkpoint names no model and dataset, or a setting cannot be used.
    """
    settings = dict(saved["config"])
    model, dataset = settings.pop("model", None), settings.pop("dataset", None)
    if not isinstance(model, str) or not isinstance(dataset, str):
        raise CheckpointError(f"'{path}' names no model and dataset: give a checkpoint that this package wrote.")
    if (settings.get("train_neg_sample_args") or {}).get("distribution") == "none":
        settings["train_neg_sample_args"] = None  # RecBole stores None as a dict with distribution 'none'
    given = {key: value for key, value in settings.items() if key not in _DERIVED}
    # RecBole appends the dataset's name to data_path; it is removed again here.
    data_path = Path(str(given.get("data_path", "dataset")))
    given["data_path"] = str(data_path.parent if data_path.name == dataset else data_path)
    config = load_config(model, dataset, (), {**given, **(overrides or {})}, check=False)
    extra = _extra(saved)
    if extra is not None:
        restore_features(config, int(extra["dim"]))
    return config


def _extra(saved: Mapping[str, Any]) -> dict[str, Any] | None:
    other = saved.get("other_parameter")
    found = other.get(EXTRA) if isinstance(other, dict) else None
    return found if isinstance(found, dict) else None


def _model(saved: Mapping[str, Any], config: Any, training: Any, path: Path) -> Any:
    init_seed(config["seed"], config["reproducibility"])
    model = get_model(config["model"])(config, training).to(config["device"])
    try:
        model.load_state_dict(saved["state_dict"])
    except RuntimeError as error:
        raise CheckpointError(
            f"'{path}' does not fit the dataset {config['dataset']} in {config['data_path']} "
            f"({in_one_line(error)[:200]}): give data_path, the folder with the files it was trained on."
        ) from error
    for name, value in model.state_dict().items():
        if value.isnan().any():  # every score would be nan, and every list empty
            raise CheckpointError(f"'{path}' holds nan in {name}: copy the file again, or train again.")
    model.load_other_parameter(on_device(saved.get("other_parameter"), config["device"]))
    model.eval()
    return model


def on_device(value: Any, device: torch.device) -> Any:
    """Plain data with every tensor moved to a device; ``module.to`` does not move data saved beside the weights."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: on_device(inner, device) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(on_device(inner, device) for inner in value)
    return value


def _check_same_data(extra: Mapping[str, Any], training: Any, path: Path) -> None:
    """Check that ids and training split are those of the checkpoint; otherwise scores would belong to other items.

    Raises:
        CheckpointError: They differ.
    """
    for kind, field in (("item", training.iid_field), ("user", training.uid_field)):
        tokens = [str(token) for token in training.field2id_token[field]]
        before = json.loads(extra[f"{kind}_tokens"])
        if tokens != before:
            raise CheckpointError(
                f"'{path}' was trained on other {kind}s than {training.dataset_name} in {training.dataset_path} holds "
                f"({len(before) - 1:,} then, {len(tokens) - 1:,} now, or in another order): give data_path, the folder "
                "with the files it was trained on."
            )
    if training.train_history().digest() != extra["training"]:
        raise CheckpointError(
            f"'{path}' was trained on other interactions than {training.dataset_name} in {training.dataset_path} "
            "holds: give data_path, the folder with the files it was trained on."
        )


def _check_same_ids(before: Mapping[str, str], training: Any, path: Path) -> None:
    """Check that the ids are those of a plain model's checkpoint, which holds only hashes of them.

    Raises:
        CheckpointError: They differ.
    """
    now = hash_ids(training)
    for kind in before:
        if now.get(kind) != before[kind]:
            raise CheckpointError(
                f"'{path}' was trained on other {kind}s than {training.dataset_name} in {training.dataset_path} holds, "
                "or on the same in another order: give data_path, the folder with the files it was trained on."
            )


def internal_ids(tokens: Any) -> dict[str, int]:
    """Internal id by original id, without the padding id."""
    return {str(token): number for number, token in enumerate(np.asarray(tokens).tolist()) if number}


def device_of(model: Any) -> torch.device:
    """Device of a model's parameters."""
    device: torch.device = next(iter(model.parameters())).device
    return device
