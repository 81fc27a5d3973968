"""All checks that run before stage 1, in order: of settings when they are loaded, of data when they are split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recbole_curec.plugin.checks import environment, evaluation, loaded, values
from recbole_curec.plugin.checks.candidate import Candidate
from recbole_curec.plugin.checks.columns import check_columns, check_histories
from recbole_curec.plugin.checks.filters import check_filters
from recbole_curec.plugin.dataset_checks import check_dataset_files


@dataclass(frozen=True)
class SettingsCheck:
    """A check of settings.

    Attributes:
        name: What it makes sure.
        looks_at: The settings it looks at.
        check: Raises a ``ConfigurationError`` if it does not hold.
    """

    name: str
    looks_at: str
    check: Callable[[Candidate], None]


@dataclass(frozen=True)
class DataCheck:
    """A check of files or of the split data.

    Attributes:
        name: What it makes sure.
        looks_at: What it looks at, beside RecBole's config.
        check: Raises a ``CURecError`` if it does not hold.
    """

    name: str
    looks_at: str
    check: Callable[..., None]


SETTINGS: tuple[SettingsCheck, ...] = (
    SettingsCheck("names are known", "all given", values.check_names),
    SettingsCheck("numbers are finite", "all given, nested too", values.check_finite_numbers),
    SettingsCheck("types are right", "all given", values.check_types),
    SettingsCheck("values are in range", "all given", values.check_ranges),
    SettingsCheck("metrics are known", "metrics", evaluation.check_metrics),
    SettingsCheck("cut-offs are positive", "topk", evaluation.check_topk),
    SettingsCheck("the best epoch can be chosen", "valid_metric", evaluation.check_valid_metric),
    SettingsCheck("the evaluation has known parts", "eval_args", evaluation.check_parts),
    SettingsCheck("order and groups are known", "eval_args", evaluation.check_order),
    SettingsCheck("the split has three parts", "eval_args.split", evaluation.check_split),
    SettingsCheck("candidates fit the metrics", "eval_args.mode, metrics", evaluation.check_mode),
    SettingsCheck("labels are there", "eval_args.mode, threshold, load_col", evaluation.check_labels),
    SettingsCheck("negatives can be sampled", "train_neg_sample_args", evaluation.check_negatives),
    SettingsCheck("one process runs", "nproc, world_size, local_rank", environment.check_processes),
    SettingsCheck("optional packages are there", "log_wandb", environment.check_packages),
    SettingsCheck("folders can be written", "checkpoint_dir, run.artifact_dir", environment.check_folders),
    SettingsCheck("our settings fit each other", "CURec, CURecGeneral", values.check_ours),
    SettingsCheck("the loss is one of the model's", "loss_type", values.check_loss),
)

FILES: tuple[DataCheck, ...] = (
    DataCheck("files are atomic files", "the dataset's files", check_dataset_files),
    DataCheck("named columns are loaded", "headers", check_columns),
    DataCheck("histories are there", "headers, benchmark_filename", check_histories),
    DataCheck("filters do what they say", "headers, intervals, val_interval, threshold", check_filters),
)

SPLIT: tuple[DataCheck, ...] = (
    DataCheck("no split is empty", "loaders", loaded.check_splits),
    DataCheck("cut-offs are within the catalogue", "number of items", loaded.check_cutoffs),
    DataCheck("labels are 0 and 1", "labels, metrics, mode", loaded.check_label_values),
    DataCheck("samples are within reason", "number of items", loaded.check_samples),
    DataCheck("settings are meant", "warns only", loaded.warn_of_easy_settings),
)


def check_settings(candidate: Candidate) -> None:
    """Run all checks of settings.

    Raises:
        ConfigurationError: The first that does not hold.
    """
    for row in SETTINGS:
        row.check(candidate)


def check_data(table: tuple[DataCheck, ...], config: Any, *looked_at: Any) -> None:
    """Run the checks of one table of data.

    Args:
        table: :data:`FILES`, :data:`DATASET` or :data:`SPLIT`.
        config: RecBole's config.
        looked_at: The loaders for :data:`SPLIT`.

    Raises:
        CURecError: The first that does not hold.
    """
    for row in table:
        row.check(config, *looked_at)
