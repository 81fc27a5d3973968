"""Ratings that a RecBole model predicts for its test rows, stored when finished and reused afterwards."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from recbole.utils import EvaluatorType

from recbole_curec.benchmark.rows import Row
from recbole_curec.benchmark.runs import run_facts, run_key
from recbole_curec.errors import ConfigurationError, CURecError
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.checkpoints import to_plain
from recbole_curec.plugin.trained_model import train

logger = logging.getLogger(__name__)

_PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True)
class RatedRun:
    """A stored run of one config.

    Attributes:
        facts: Content of ``run.json``: settings, metrics by RecBole, versions, hardware, time.
        predictions: Columns ``user``, ``item``, ``rating`` and ``predicted``, one row per test interaction.
    """

    facts: dict[str, Any]
    predictions: pd.DataFrame


def run_rated(row: Row, seed: int, config: Any, folder: Path) -> RatedRun:
    """Train a model under one seed and predict its test rows, or read the stored result of an earlier run.

    Args:
        row: The row of the table.
        seed: The seed.
        config: The row's config under this seed.
        folder: Folder of finished runs.

    Raises:
        ConfigurationError: The config ranks items instead of predicting values.
        CURecError: It cannot be run.
    """
    if config["eval_type"] != EvaluatorType.VALUE:
        raise ConfigurationError(
            f"Row '{row.name}': metrics: {config['metrics']} rank items: set metrics: [RMSE, MAE] and eval_args.mode: "
            "labeled."
        )
    stored = Artifact(f"{row.name}-seed{seed}", run_key(config), folder)
    with stored.locked():  # another process may be making the same run
        if stored.is_complete():
            logger.info("%s, seed %d: reused", row.title, seed)
        else:
            logger.info("%s, seed %d: started", row.title, seed)
            stored.open()
            stored.close(_make(row, seed, config, stored.partial))
    return RatedRun(stored.manifest(), pd.read_parquet(stored.folder / _PREDICTIONS))


def _make(row: Row, seed: int, config: Any, folder: Path) -> dict[str, Any]:
    """Train, test, store the predictions, and return the facts."""
    settings = to_plain(config)  # RecBole writes into a config while it runs
    predictions = pd.DataFrame()

    def look(trainer: Any, test: Any) -> None:
        nonlocal predictions
        predictions = predicted_ratings(trainer, test)

    trained = train(config, row.title, inspect=look)
    check_against(dict(trained.test), predictions, int(config["metric_decimal_place"]))
    predictions.to_parquet(folder / _PREDICTIONS, index=False)
    return run_facts(row, seed, settings, trained, torch.device(config["device"]))


def predicted_ratings(trainer: Any, test: Any) -> pd.DataFrame:
    """Predictions of the trainer's current model, collected during RecBole's own evaluation.

    Args:
        trainer: A RecBole trainer with the model to test.
        test: RecBole's loader of the test split, with labels (``eval_args.mode: labeled``).

    Returns:
        Columns ``user``, ``item`` (original ids), ``rating`` and ``predicted``, one row per test interaction.
    """
    dataset, collector = test.dataset, trainer.eval_collector
    collect = collector.eval_batch_collect
    fields = (dataset.uid_field, dataset.iid_field, dataset.label_field)
    found: list[tuple[torch.Tensor, ...]] = []

    def record(scores: torch.Tensor, interaction: Any, *targets: torch.Tensor) -> None:
        found.append((*(interaction[field].cpu() for field in fields), scores.detach().cpu().reshape(-1)))
        collect(scores, interaction, *targets)

    collector.eval_batch_collect = record
    try:
        trainer.evaluate(test, load_best_model=False, show_progress=False)
    finally:
        del collector.eval_batch_collect  # the class's own method again
    users, items, ratings, predicted = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return pd.DataFrame(
        {
            "user": dataset.id2token(dataset.uid_field, users),
            "item": dataset.id2token(dataset.iid_field, items),
            "rating": ratings.astype(np.float64).round(6),
            "predicted": predicted.astype(np.float64),
        }
    )


def check_against(reported: dict[str, float], predictions: pd.DataFrame, decimals: int) -> None:
    """Check that the predictions have the RMSE that RecBole reports.

    Raises:
        CURecError: They differ by more than rounding.
    """
    error = predictions["predicted"] - predictions["rating"]
    rmse = float(np.sqrt((error**2).mean()))
    value = reported.get("rmse")
    if value is not None and not abs(rmse - value) <= 0.51 * 10**-decimals + 1e-5 * abs(value):
        raise CURecError(
            f"RMSE is {value} by RecBole's evaluation and {rmse:.6f} by the predictions: the model's predictions "
            "change from one evaluation to the next, or RecBole and it have ratings on different scales."
        )
