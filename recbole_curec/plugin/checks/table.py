"""All checks that run before stage 1, in order: of settings when they are loaded, of data when they are split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recbole_curec.plugin.checks import environment, evaluation, loaded, ratings, values
from recbole_curec.plugin.checks.columns import check_columns, check_histories
from recbole_curec.plugin.checks.filters import check_filters
from recbole_curec.plugin.dataset_checks import check_dataset_files


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: What it makes sure.
        looks_at: What it looks at: settings in :data:`SETTINGS`, else files or data beside RecBole's config.
        check: Raises a ``CURecError`` if it does not hold.
    """

    name: str
    looks_at: str
    check: Callable[..., None]


SETTINGS: tuple[Check, ...] = (
    Check("names are known", "all given", values.check_names),
    Check("numbers are finite", "all given, nested too", values.check_finite_numbers),
    Check("types are right", "all given", values.check_types),
    Check("values are in range", "all given", values.check_ranges),
    Check("ratings are predicted as they are", "RecCoT: metrics, mode, threshold", ratings.check_rating_settings),
    Check("metrics are known", "metrics", evaluation.check_metrics),
    Check("cut-offs are positive", "topk", evaluation.check_topk),
    Check("the best epoch can be chosen", "valid_metric", evaluation.check_valid_metric),
    Check("the evaluation has known parts", "eval_args", evaluation.check_parts),
    Check("order and groups are known", "eval_args", evaluation.check_order),
    Check("the split has three parts", "eval_args.split", evaluation.check_split),
    Check("candidates fit the metrics", "eval_args.mode, metrics", evaluation.check_mode),
    Check("histories can be left out", "mask_history, eval_args.mode", evaluation.check_history),
    Check("labels are there", "eval_args.mode, threshold, load_col", evaluation.check_labels),
    Check("negatives can be sampled", "train_neg_sample_args", evaluation.check_negatives),
    Check("one process runs", "nproc, world_size, local_rank", environment.check_processes),
    Check("optional packages are there", "log_wandb", environment.check_packages),
    Check("folders can be written", "checkpoint_dir, run.artifact_dir, llm.converted_dir", environment.check_folders),
    Check("our settings fit each other", "CURec, CURecGeneral, RecCoT", values.check_ours),
    Check("the loss is one of the model's", "loss_type", values.check_loss),
)

FILES: tuple[Check, ...] = (
    Check("files are atomic files", "the dataset's files", check_dataset_files),
    Check("ratings and reviews are there", "RecCoT: headers, load_col", ratings.check_rating_columns),
    Check("named columns are loaded", "headers", check_columns),
    Check("histories are there", "headers, benchmark_filename", check_histories),
    Check("filters do what they say", "headers, intervals, val_interval, threshold", check_filters),
)

SPLIT: tuple[Check, ...] = (
    Check("no split is empty", "loaders", loaded.check_splits),
    Check("cut-offs are within the catalogue", "number of items", loaded.check_cutoffs),
    Check("labels are 0 and 1", "labels, metrics, mode", loaded.check_label_values),
    Check("samples are within reason", "number of items", loaded.check_samples),
    Check("a ranker can learn", "rank.use, training interactions", loaded.check_rank_queries),
    Check("settings are meant", "warns only", loaded.warn_of_easy_settings),
)


def run_checks(table: tuple[Check, ...], *looked_at: Any) -> None:
    """Run the checks of one table in its order.

    Args:
        table: :data:`SETTINGS`, :data:`FILES` or :data:`SPLIT`.
        looked_at: The :class:`~recbole_curec.plugin.checks.candidate.Candidate` for :data:`SETTINGS`; else RecBole's
            config, and the loaders for :data:`SPLIT`.

    Raises:
        CURecError: The first that does not hold.
    """
    for row in table:
        row.check(*looked_at)
