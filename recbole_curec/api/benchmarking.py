"""``run_benchmark``: many rows times seeds under one protocol, as a table."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.benchmark.benchmark import BenchmarkResult
from recbole_curec.benchmark.benchmark import run_benchmark as _run
from recbole_curec.benchmark.plain_data import long_table
from recbole_curec.benchmark.report import page, write_report
from recbole_curec.benchmark.rows import find_rows
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.checks.ranges import check_range

SEEDS = 5
FOLDER = "benchmark"
_FIRST_SEED = 2020
_MOST_SEEDS = 100


@dataclass(frozen=True)
class BenchmarkReport:
    """A finished benchmark and the files that were written.

    Attributes:
        result: Spreads, slices, comparisons and overlap.
        files: The page, the same as JSON, CSV and LaTeX, and the figures.
    """

    result: BenchmarkResult
    files: Sequence[Path]

    def table(self) -> pd.DataFrame:
        """Every figure of every seed, one per row, as in ``table.csv``; empty where a figure has no such property."""
        return pd.read_csv(io.StringIO(long_table(self.result)), keep_default_na=False)

    def __str__(self) -> str:
        """The page, and where the files are."""
        return "\n".join([page(self.result), *map(str, self.files)])


def run_benchmark(
    rows: Sequence[str | Path],
    dataset: str | None = None,
    config_files: Sequence[str | Path] = (),
    config: Mapping[str, Any] | None = None,
    *,
    seeds: int | Sequence[int] = SEEDS,
    references: Sequence[str] = (),
    folder: str | Path = FOLDER,
    vary_reasons: bool = False,
) -> BenchmarkReport:
    """Run every row under every seed, skip what is finished, compare the rows and write the tables.

    Args:
        rows: Config files, one per row, or folders of them.
        dataset: Dataset name; None takes it from the files.
        config_files: Config files of lower precedence than the rows' own.
        config: Settings that override the rows' files.
        seeds: The seeds, or how many, counted from the setting ``seed`` (2020).
        references: Names of rows that all others are compared with; the first row by default.
        folder: Folder of the runs and of the tables, by dataset; processes that share it share the runs.
        vary_reasons: Whether stages 1 to 6 run under every seed too.

    Raises:
        CURecError: A row cannot be run, or two rows are tested on different interactions.
    """
    given = dict(config or {})
    chosen = seeds_of(seeds, given.pop("seed", None))
    place = user_path("folder", folder)
    result = _run(
        find_rows([str(row) for row in rows]),
        dataset,
        chosen,
        place,
        references=references,
        config_files=[str(file) for file in config_files],
        overrides=given,
        vary_reasons=vary_reasons,
    )
    return BenchmarkReport(result, write_report(result, place))


def seeds_of(wanted: Any, first: Any) -> list[int]:
    """Seeds of a benchmark: a list as it is, or so many from ``first`` on.

    Args:
        wanted: The seeds, or how many.
        first: The first of so many; None is 2020.

    Raises:
        ConfigurationError: It is neither, or more than anyone means.
    """
    if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted > 0:
        start = _FIRST_SEED if first is None else first
        check_range("seed", start)
        if wanted > _MOST_SEEDS:  # '--seeds=2020' is a seed, not two thousand of them
            raise ConfigurationError(
                f"seeds={wanted} asks for {wanted} runs of every row, and {_MOST_SEEDS} is the most: give a smaller "
                f"number, or '[{wanted}]' for the one seed {wanted}."
            )
        return list(range(start, start + wanted))
    if isinstance(wanted, list | tuple) and wanted and all(isinstance(seed, int) for seed in wanted) and first is None:
        return list(wanted)
    raise ConfigurationError(f"seeds={wanted!r} cannot be used: give how many, or a list such as '[1,2,3]'.")
