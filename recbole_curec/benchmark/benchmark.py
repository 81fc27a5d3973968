"""The benchmark: runs every row under every seed, and computes spreads, slices, comparisons and overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.benchmark.ensembles import check_members, check_split
from recbole_curec.benchmark.overlap import Overlap, overlaps, same_interactions
from recbole_curec.benchmark.rows import Row, check_protocol, named_row
from recbole_curec.benchmark.runs import CUTOFF, FinishedRun
from recbole_curec.benchmark.schedule import Plan, finished_runs
from recbole_curec.benchmark.slices import SLICES
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.ranking_metrics import RANK, WITHOUT_HISTORY, user_metrics
from recbole_curec.evaluation.statistics import Comparison, Spread, compare, corrected, spreads
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.plugin.checks.ranges import check_range

RUNS = "runs"
# Marks metrics that are measured with histories left out of the lists.
STAR = "*"


@dataclass(frozen=True)
class SliceResult:
    """Results of one row on the test items of one slice.

    Attributes:
        targets: Number of test interactions with an item of the slice, in the first seed.
        metrics: Recall and NDCG over users with such interactions; empty if there are none.
        seeds: The seeds that have such interactions, in the order of the values; a random split may leave some without.
    """

    targets: int
    metrics: Mapping[str, Spread]
    seeds: Sequence[int]


@dataclass(frozen=True)
class Measured:
    """Results of one row under one protocol.

    Attributes:
        metrics: RecBole's test metrics over seeds.
        slices: Results by slice.
    """

    metrics: Mapping[str, Spread]
    slices: Mapping[str, SliceResult]


@dataclass(frozen=True)
class RowResult:
    """Results of one row.

    Attributes:
        row: The row.
        runs: Its runs, one per seed.
        by_protocol: Results by RecBole's protocol (:data:`RANK`) and, for sequential models, with histories left out
            (:data:`WITHOUT_HISTORY`).
    """

    row: Row
    runs: list[FinishedRun]
    by_protocol: Mapping[str, Measured]

    @property
    def metrics(self) -> Mapping[str, Spread]:
        """RecBole's test metrics over seeds, by its protocol."""
        return self.by_protocol[RANK].metrics


@dataclass(frozen=True)
class Compared:
    """Rows set against each other under one protocol.

    Attributes:
        comparisons: Comparison of every row with every reference, with Holm's correction over all of them; metrics
            with histories left out bear a star.
        overlap: Overlap of the hits of any two rows, by their titles, and of two seeds of one row.
    """

    comparisons: list[Comparison]
    overlap: Mapping[tuple[str, str], Overlap]


@dataclass(frozen=True)
class BenchmarkResult:
    """A finished benchmark.

    Attributes:
        dataset: Name of the dataset.
        seeds: The seeds.
        rows: One result per row, in the order given.
        by_protocol: Rows set against each other, by protocol as in :class:`RowResult`.
        varied_reasons: Whether every seed has reasons of its own.
        own_splits: Whether every seed has a split of its own, as a random split does.
    """

    dataset: str
    seeds: list[int]
    rows: list[RowResult]
    by_protocol: Mapping[str, Compared]
    varied_reasons: bool = False
    own_splits: bool = False


def run_benchmark(
    rows: Sequence[Row],
    dataset: str | None,
    seeds: Sequence[int],
    folder: Path,
    *,
    references: Sequence[str] = (),
    config_files: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    vary_reasons: bool = False,
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
        vary_reasons: Whether ``run.reason_seed`` is the seed too, so that spreads hold what reasons written anew
            change; stages 1 to 6 then run under every seed.

    Raises:
        CURecError: A row cannot be run, or two rows cannot be compared.
    """
    if not seeds or len(set(seeds)) != len(seeds):
        raise ConfigurationError(f"seeds: {list(seeds)} must hold at least one seed, each once.")
    for seed in seeds:
        check_range("seed", seed)
    check_output_folder("benchmark_dir", folder)
    named = [named_row(rows, name) for name in references] or [rows[0]]
    trained = [row for row in rows if not row.ensemble]
    configs = {  # checked before the first run
        (row.name, seed): row.config(
            dataset, config_files, overrides or {}, seed, **({"run.reason_seed": seed} if vary_reasons else {})
        )
        for seed in seeds
        for row in trained
    }
    check_protocol(trained, [configs[row.name, seeds[0]] for row in trained])
    for row in rows:
        if row.ensemble:
            check_split(row, configs[row.ensemble[0], seeds[0]])
            check_members(row, {name: configs[name, seeds[0]] for name in row.ensemble})
    name = str(configs[trained[0].name, seeds[0]]["dataset"])
    runs = finished_runs(Plan(rows, seeds, configs, folder / name / RUNS))
    _check_candidates(rows, runs)
    results = [_row_result(row, runs[row.name]) for row in rows]
    own_splits = not same_interactions([run.ranks for run in results[0].runs])
    compared = {protocol: _compared(results, named, protocol, own_splits) for protocol in results[0].by_protocol}
    return BenchmarkResult(name, list(seeds), results, compared, vary_reasons, own_splits)


def _check_candidates(rows: Sequence[Row], runs: Mapping[str, list[FinishedRun]]) -> None:
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
    by_protocol = {}
    for column, figures in ((RANK, "test"), (WITHOUT_HISTORY, "test_without_history")):
        if column in runs[0].protocols:
            metrics = spreads([run.facts[figures] for run in runs])
            by_protocol[column] = Measured(metrics, {name: _slice_result(name, runs, column) for name in SLICES})
    return RowResult(row, runs, by_protocol)


def _slice_result(name: str, runs: list[FinishedRun], column: str) -> SliceResult:
    parts = [run.ranks[run.ranks["slice"] == name] for run in runs]
    seeds = [int(run.facts["seed"]) for run, part in zip(runs, parts, strict=True) if len(part)]
    held = [user_metrics(part, CUTOFF, column).mean() for part in parts if len(part)]
    by_seed = [{str(metric): float(value) for metric, value in means.items()} for means in held]
    return SliceResult(len(parts[0]), spreads(by_seed) if by_seed else {}, seeds)


def _compared(results: Sequence[RowResult], references: Sequence[Row], column: str, own_splits: bool) -> Compared:
    ranks = {result.row.title: [run.ranks for run in result.runs] for result in results}
    overlap = overlaps(ranks, CUTOFF, column)
    tables: dict[str, list[pd.DataFrame]] = {
        title: [user_metrics(table, CUTOFF, column) for table in by_seed] for title, by_seed in ranks.items()
    }
    found: list[Comparison] = []
    done: set[str] = set()  # so that a pair of references is compared only once
    for reference in references:
        done.add(reference.title)
        for title in tables:
            if title not in done:
                found += compare(
                    title, tables[title], reference.title, tables[reference.title], paired_seeds=own_splits
                )
    comparisons = corrected(found)
    if column == WITHOUT_HISTORY:
        comparisons = [replace(one, metric=one.metric + STAR) for one in comparisons]
    return Compared(comparisons, overlap)
