"""``curec benchmark``: many rows times seeds under one protocol."""

from __future__ import annotations

from recbole_curec.api.benchmarking import FOLDER, SEEDS, run_benchmark, seeds_of
from recbole_curec.benchmark.rows import find_rows
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.session import command_session
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments


def run(arguments: list[str]) -> str:
    """Run what is missing and print the table."""
    check_one_process("benchmark")
    split = next((place for place, text in enumerate(arguments) if text.startswith("--")), len(arguments))
    rows = find_rows(arguments[:split])
    model, dataset, files, overrides = parse_arguments(arguments[split:])
    if model is not None:
        raise ConfigurationError(f"--model={model} cannot be used with a benchmark: every row's file names its model.")
    seeds = seeds_of(overrides.pop("seeds", SEEDS), overrides.pop("seed", None))
    references = names(overrides.pop("references", ""))
    folder = user_path("benchmark_dir", overrides.pop("benchmark_dir", FOLDER))
    vary = overrides.pop("vary_reasons", False)
    if not isinstance(vary, bool):
        raise ConfigurationError(f"vary_reasons={vary!r} cannot be used: give true or false.")
    trained = next(row for row in rows if not row.ensemble)  # a sum names rows that train
    with command_session(trained.config(dataset, files, overrides, seeds[0])):
        return str(
            run_benchmark(
                arguments[:split],
                dataset,
                files,
                overrides,
                seeds=seeds,
                references=references,
                folder=folder,
                vary_reasons=vary,
            )
        )


BENCHMARK = Command(run)
