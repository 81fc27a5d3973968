"""The benchmark of rating prediction: baselines and RecBole models on the same interactions, compared with tests."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from tqdm import tqdm

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline
from recbole_curec.benchmark.rating_baselines.tuning import tuned
from recbole_curec.benchmark.rating_runs import run_rated
from recbole_curec.benchmark.rating_splits import RatingSplits, aligned, rating_splits
from recbole_curec.benchmark.rows import Row
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.rating_metrics import rating_metrics, user_errors
from recbole_curec.evaluation.statistics import Comparison, Spread, compare, corrected, spreads
from recbole_curec.plugin.checks.ranges import check_range
from recbole_curec.plugin.config import load_config, merged
from recbole_curec.suggestions import did_you_mean

logger = logging.getLogger(__name__)

# The splits by name: the last rating of every user against all ratings at random.
SPLITS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "chronological": {"split": {"LS": "valid_and_test"}, "order": "TO", "group_by": None, "mode": "labeled"},
        "random": {"split": {"RS": [0.8, 0.1, 0.1]}, "order": "RO", "group_by": None, "mode": "labeled"},
    }
)


@dataclass(frozen=True)
class RatedRow:
    """Results of one row.

    Attributes:
        name: Name of the row.
        is_baseline: Whether it is one of the baselines.
        metrics: Every metric over seeds.
        errors: Every user's part of the errors (:func:`~recbole_curec.evaluation.rating_metrics.user_errors`), by seed.
        facts: What is worth knowing of every run, one per seed: hyper-parameters and what was tried, or settings.
    """

    name: str
    is_baseline: bool
    metrics: Mapping[str, Spread]
    errors: list[pd.DataFrame]
    facts: list[Mapping[str, Any]]


@dataclass(frozen=True)
class RatingResult:
    """A finished benchmark of rating prediction.

    Attributes:
        dataset: Name of the dataset.
        split: Name of the split.
        seeds: The seeds.
        counts: Number of training, validation and test interactions, and of users in the test split, in the first seed.
        rows: One result per row, in the order given.
        reference: Name of the best baseline by RMSE.
        comparisons: Comparison of every other row with it, with Holm's correction over all of them.
    """

    dataset: str
    split: str
    seeds: list[int]
    counts: Mapping[str, int]
    rows: list[RatedRow]
    reference: str
    comparisons: list[Comparison]


def run_ratings(
    rows: Sequence[type[RatingBaseline] | Row],
    dataset: str,
    split: str,
    seeds: Sequence[int],
    folder: Path,
    *,
    config_files: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> RatingResult:
    """Run every row under every seed and compare all with the best baseline.

    A seed is RecBole's: it changes the training of a model and, with a random split, the split.

    Args:
        rows: Baselines, and rows whose config file names a RecBole model that predicts ratings.
        dataset: Dataset name.
        split: A name of :data:`SPLITS`.
        seeds: The seeds.
        folder: Folder of finished runs of the models, by dataset; baselines are fitted anew.
        config_files: Config files of lower precedence than the rows' own.
        overrides: Settings that override the rows' files.

    Raises:
        CURecError: A row cannot be run, or two rows are tested on different interactions.
    """
    _check(rows, split, seeds)
    given = merged(
        overrides or {}, {"eval_args": dict(SPLITS[split]), "metrics": ["RMSE", "MAE"], "valid_metric": "RMSE"}
    )
    models = [row for row in rows if isinstance(row, Row)]
    configs = {(row.name, seed): row.config(dataset, config_files, given, seed) for seed in seeds for row in models}
    texts = any(not isinstance(row, Row) and row.reads_texts for row in rows)
    metrics: dict[str, list[dict[str, float]]] = {row.name: [] for row in rows}
    errors: dict[str, list[pd.DataFrame]] = {row.name: [] for row in rows}
    facts: dict[str, list[Mapping[str, Any]]] = {row.name: [] for row in rows}
    counts: dict[str, int] = {}
    for seed in tqdm(seeds, desc="seeds", leave=False):
        splits = rating_splits(_split_config(dataset, config_files, given, seed), texts=texts)
        counts = counts or _counts(splits)
        for row in rows:
            if isinstance(row, Row):
                run = run_rated(row, seed, configs[row.name, seed], folder / dataset / "ratings")
                predicted, fact = aligned(row.name, run.predictions, splits.test), run.facts
            else:
                fitted = tuned(row, splits, seed)
                predicted, fact = fitted.predicted, fitted.facts
            metrics[row.name].append(rating_metrics(splits.test.ratings, predicted, splits.scale))
            errors[row.name].append(user_errors(splits.test.users, splits.test.ratings, predicted))
            facts[row.name].append(fact)
    results = [
        RatedRow(row.name, not isinstance(row, Row), spreads(metrics[row.name]), errors[row.name], facts[row.name])
        for row in rows
    ]
    reference = min((one for one in results if one.is_baseline), key=lambda one: one.metrics["rmse"].mean)
    comparisons = _comparisons(results, reference, paired_seeds=split == "random")
    return RatingResult(dataset, split, list(seeds), counts, results, reference.name, comparisons)


def _check(rows: Sequence[type[RatingBaseline] | Row], split: str, seeds: Sequence[int]) -> None:
    if split not in SPLITS:
        raise ConfigurationError(
            f"split: {split!r} is unknown{did_you_mean(split, SPLITS)}: give one of {', '.join(SPLITS)}."
        )
    if not seeds or len(set(seeds)) != len(seeds):
        raise ConfigurationError(f"seeds: {list(seeds)} must hold at least one seed, each once.")
    for seed in seeds:
        check_range("seed", seed)
    names = [row.name for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"rows: '{twice[0]}' is given twice: give every row once.")
    baselines = [row for row in rows if not isinstance(row, Row)]
    if not baselines:
        raise ConfigurationError("rows: none of them is a baseline to compare with: add bias, for example.")
    for baseline in baselines:
        baseline.check()


def _split_config(dataset: str, config_files: Sequence[str], given: Mapping[str, Any], seed: int) -> Any:
    """A config that loads ratings on their own scale and runs no stage; its splits are those of every row."""
    layer = merged(given, {"seed": seed, "recommend.fusion": "none", "normalize_all": False})
    names = (
        ("USER_ID_FIELD", "user_id"),
        ("ITEM_ID_FIELD", "item_id"),
        ("RATING_FIELD", "rating"),
        ("TIME_FIELD", "timestamp"),
    )
    fields = [layer.get(key, usual) for key, usual in names]
    layer |= {"load_col": {"inter": fields}, "LABEL_FIELD": fields[2]}
    return load_config("CURecGeneral", dataset, config_files, layer)


def _counts(splits: RatingSplits) -> dict[str, int]:
    found = {name: len(getattr(splits, name)) for name in ("train", "valid", "test")}
    return found | {"users": len(set(splits.test.users.tolist()))}


def _comparisons(results: Sequence[RatedRow], reference: RatedRow, *, paired_seeds: bool) -> list[Comparison]:
    found: list[Comparison] = []
    for one in results:
        if one is not reference:
            found += compare(one.name, one.errors, reference.name, reference.errors, paired_seeds=paired_seeds)
    return corrected(found)
