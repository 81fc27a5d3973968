"""``curec benchmark``: many rows times seeds under one protocol."""

from __future__ import annotations

from typing import Any

from recbole_curec.benchmark.benchmark import run_benchmark
from recbole_curec.benchmark.report import page, write_report
from recbole_curec.benchmark.rows import find_rows
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.session import command_session
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.plugin.checks.ranges import check_range

USAGE = """usage: curec benchmark <row.yaml or folder> ... --dataset=ml-100k [--seeds=5] [--references=a,b]
                       [--benchmark_dir=benchmark] [--vary_reasons=false] [--config_files=a.yaml b.yaml]
                       [--key=value ...]

Runs every row under every seed, skips what is finished, and writes a table with spread, significance, slices and
overlap. --seeds is how many, counted from --seed, or a list: --seeds='[1,2,3]'. Rows are compared with the references,
by default with the first row. A row with 'ensemble: [a, b]' sums the scores of rows a and b. The same command started
several times, on machines that share the folder, shares the runs. --vary_reasons=true writes reasons for every seed.
"""
_SEEDS = 5
_MOST_SEEDS = 100


def run(arguments: list[str]) -> str:
    """Run what is missing and print the table."""
    check_one_process("benchmark")
    split = next((place for place, text in enumerate(arguments) if text.startswith("--")), len(arguments))
    rows = find_rows(arguments[:split])
    model, dataset, files, overrides = parse_arguments(arguments[split:])
    if model is not None:
        raise ConfigurationError(f"--model={model} cannot be used with a benchmark: every row's file names its model.")
    seeds = seeds_of(overrides.pop("seeds", _SEEDS), overrides.pop("seed", None))
    references = names(overrides.pop("references", ""))
    folder = user_path("benchmark_dir", overrides.pop("benchmark_dir", "benchmark"))
    vary = overrides.pop("vary_reasons", False)
    if not isinstance(vary, bool):
        raise ConfigurationError(f"vary_reasons={vary!r} cannot be used: give true or false.")
    trained = next(row for row in rows if not row.ensemble)  # a sum names rows that train
    with command_session(trained.config(dataset, files, overrides, seeds[0])):
        result = run_benchmark(
            rows,
            dataset,
            seeds,
            folder,
            references=references,
            config_files=files,
            overrides=overrides,
            vary_reasons=vary,
        )
        written = write_report(result, folder)
    return "\n".join([page(result), *map(str, written)])


def seeds_of(wanted: Any, first: Any) -> list[int]:
    """Seeds of a benchmark: a list as it is, or so many from ``first`` on.

    Raises:
        ConfigurationError: It is neither, or more than anyone means.
    """
    if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted > 0:
        start = 2020 if first is None else first
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


BENCHMARK = Command(USAGE, run)
