"""The result of a benchmark as plain data, for JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from recbole_curec.benchmark.benchmark import BenchmarkResult, Compared, Measured, RowResult
from recbole_curec.benchmark.slices import SLICES
from recbole_curec.evaluation.ranking_metrics import RANK, WITHOUT_HISTORY
from recbole_curec.evaluation.statistics import Spread

PROTOCOLS = {RANK: "recbole", WITHOUT_HISTORY: "history left out"}
_COLUMNS = ("row", "title", "protocol", "split", "slice", "metric", "seed", "value")


def record(result: BenchmarkResult) -> dict[str, Any]:
    """The result as plain data: figures per seed, tests, overlap, settings and versions."""
    compared = {protocol: _compared(found) for protocol, found in result.by_protocol.items()}
    return {
        "dataset": result.dataset,
        "seeds": result.seeds,
        "varied_reasons": result.varied_reasons,
        "own_splits": result.own_splits,
        "rows": [_row(one) for one in result.rows],
        **_beside(compared),
    }


def long_table(result: BenchmarkResult) -> str:
    """Every figure of every seed as CSV, one in a line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in result.rows:
        named = (one.row.name, one.row.title)
        for run, seed in zip(one.runs, result.seeds, strict=True):
            for metric, value in run.facts["valid"].items():
                writer.writerow([*named, "", "valid", "all", metric, seed, value])
        for protocol, measured in one.by_protocol.items():
            for part, metric, spread, seeds in _spreads(measured, result.seeds):
                for seed, value in zip(seeds, spread.values, strict=True):
                    writer.writerow([*named, PROTOCOLS[protocol], "test", part, metric, seed, value])
    return text.getvalue()


def _spreads(measured: Measured, seeds: Sequence[int]) -> Iterator[tuple[str, str, Spread, Sequence[int]]]:
    for metric, spread in measured.metrics.items():
        yield "all", metric, spread, seeds
    for name in SLICES:
        for metric, spread in measured.slices[name].metrics.items():
            yield name, metric, spread, measured.slices[name].seeds


def _row(one: RowResult) -> dict[str, Any]:
    measured = {protocol: _measured(found) for protocol, found in one.by_protocol.items()}
    named = {"row": one.row.name, "title": one.row.title}
    return {**named, **_beside(measured), "runs": [run.facts for run in one.runs]}


def _beside(by_protocol: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What was found by RecBole's protocol and, below it, what was found with histories left out."""
    without = by_protocol.get(WITHOUT_HISTORY)
    return {**by_protocol[RANK], **({} if without is None else {"without_history": without})}


def _measured(measured: Measured) -> dict[str, Mapping[str, Any]]:
    return {
        "metrics": {metric: asdict(spread) for metric, spread in measured.metrics.items()},
        "slices": {name: asdict(measured.slices[name]) for name in SLICES},
    }


def _compared(compared: Compared) -> dict[str, Any]:
    return {
        "comparisons": [asdict(one) for one in compared.comparisons],
        "overlap": [{"rows": list(rows), **asdict(one)} for rows, one in compared.overlap.items()],
    }
