"""The benchmark: runs every row under every seed, and computes spreads, slices and comparisons."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.benchmark.rows import Row, check_protocol, named_row
from recbole_curec.benchmark.runs import CUTOFF, FinishedRun, run_row
from recbole_curec.benchmark.slices import SLICES
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.ranking_metrics import user_metrics
from recbole_curec.evaluation.statistics import Comparison, Spread, compare, corrected, spreads
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.plugin.checks.ranges import check_range

logger = logging.getLogger(__name__)

RUNS = "runs"


@dataclass(frozen=True)
class SliceResult:
    """Results of one row on the test items of one slice.

    Attributes:
        targets: Number of test interactions with an item of the slice, in the first seed.
        metrics: Recall and NDCG over users with such interactions; empty if there are none.
    """

    targets: int
    metrics: Mapping[str, Spread]


@dataclass(frozen=True)
class RowResult:
    """Results of one row.

    Attributes:
        row: The row.
        runs: Its runs, one per seed.
        metrics: RecBole's test metrics over seeds.
        slices: Results by slice.
    """

    row: Row
    runs: list[FinishedRun]
    metrics: Mapping[str, Spread]
    slices: Mapping[str, SliceResult]


@dataclass(frozen=True)
class BenchmarkResult:
    """A finished benchmark.

    Attributes:
        dataset: Name of the dataset.
        seeds: The seeds.
        rows: One result per row, in the order given.
        comparisons: Comparison of every row with every reference, with Holm's correction over all of them.
    """

    dataset: str
    seeds: list[int]
    rows: list[RowResult]
    comparisons: list[Comparison]


def run_benchmark(
    rows: Sequence[Row],
    dataset: str | None,
    seeds: Sequence[int],
    folder: Path,
    *,
    references: Sequence[str] = (),
    config_files: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> BenchmarkResult:
    """Run the missing runs and compare all rows.

    A seed is RecBole's: it changes the training of the recommender. Stages 1 to 6 use ``run.reason_seed`` and run only
    once, as long as the split does not depend on the seed (leave-one-out does not).

    Args:
        rows: Rows of the table.
        dataset: Dataset name; None takes it from the files.
        seeds: RecBole seeds; every row runs under each.
        folder: Folder of finished runs, by dataset.
        references: Names of rows that all others are compared with; the first row by default.
        config_files: Config files of lower precedence than the rows' own.
        overrides: Settings that override the rows' files.

    Raises:
        CURecError: A row cannot be run, or two rows cannot be compared.
    """
    if not seeds or len(set(seeds)) != len(seeds):
        raise ConfigurationError(f"seeds: {list(seeds)} must hold at least one seed, each once.")
    for seed in seeds:
        check_range("seed", seed)
    check_output_folder("benchmark_dir", folder)
    given = dict(overrides or {})
    named = [named_row(rows, name) for name in references] or [rows[0]]
    configs = [row.config(dataset, config_files, given, seeds[0]) for row in rows]  # checked before the first run
    check_protocol(rows, configs)
    name = str(configs[0]["dataset"])
    runs: dict[str, list[FinishedRun]] = {row.name: [] for row in rows}
    for seed in seeds:  # the outer loop, so that an unfinished benchmark already has every row
        for row in rows:
            config = row.config(dataset, config_files, given, seed)
            runs[row.name].append(run_row(row, seed, config, folder / name / RUNS))
    _check_candidates(rows, runs)
    results = [_row_result(row, runs[row.name]) for row in rows]
    return BenchmarkResult(name, list(seeds), results, _comparisons(results, named))


def _check_candidates(rows: Sequence[Row], runs: dict[str, list[FinishedRun]]) -> None:
    """Check that all rows rank the same number of items; otherwise their metrics are not comparable."""
    counts = {row.name: {run.facts["candidates"] for run in runs[row.name]} for row in rows}
    first = counts[rows[0].name]
    for row in rows[1:]:
        if counts[row.name] != first:
            raise ConfigurationError(
                f"Rows '{rows[0].name}' and '{row.name}' cannot be compared: one ranks {sorted(first)} items, the "
                f"other {sorted(counts[row.name])}: load the same item file in both (load_col)."
            )


def _row_result(row: Row, runs: list[FinishedRun]) -> RowResult:
    metrics = spreads([run.facts["test"] for run in runs])
    return RowResult(row, runs, metrics, {name: _slice_result(name, runs) for name in SLICES})


def _slice_result(name: str, runs: list[FinishedRun]) -> SliceResult:
    parts = [run.ranks[run.ranks["slice"] == name] for run in runs]
    held = [user_metrics(part, CUTOFF).mean() for part in parts if len(part)]
    by_seed = [{str(metric): float(value) for metric, value in means.items()} for means in held]
    return SliceResult(len(parts[0]), spreads(by_seed) if by_seed else {})


def _comparisons(results: Sequence[RowResult], references: Sequence[Row]) -> list[Comparison]:
    tables = {result.row.name: [user_metrics(run.ranks, CUTOFF) for run in result.runs] for result in results}
    _warn_of_other_targets(results)
    found: list[Comparison] = []
    done: set[str] = set()  # so that a pair of references is compared only once
    for reference in references:
        done.add(reference.name)
        for result in results:
            if result.row.name not in done:
                found += compare(result.row.title, tables[result.row.name], reference.title, tables[reference.name])
    return corrected(found)


def _warn_of_other_targets(results: Sequence[RowResult]) -> None:
    """Warn if rows have different test items, since RecBole's own datasets order interactions by float32 times."""
    first = _targets(results[0])
    for result in results[1:]:
        other = len(first.symmetric_difference(_targets(result)))
        if other:
            logger.warning(
                "'%s' and '%s' were tested on different items for some users (%d of %d): RecBole's own datasets order "
                "interactions by float32 timestamps.",
                results[0].row.title, result.row.title, other // 2, len(first),
            )  # fmt: skip


def _targets(result: RowResult) -> pd.MultiIndex:
    ranks = result.runs[0].ranks
    return pd.MultiIndex.from_frame(ranks[["user", "item"]])
