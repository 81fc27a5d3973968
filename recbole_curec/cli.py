"""The command line: ``curec run``, ``curec export``, ``curec benchmark``; one sentence per error.

``python run_curec.py`` is ``curec run``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recbole_curec.artifacts import peak_memory_mib
from recbole_curec.benchmark.benchmark import run_benchmark
from recbole_curec.benchmark.report import page, write_report
from recbole_curec.benchmark.rows import find_rows
from recbole_curec.config import load_config, parse_arguments
from recbole_curec.data.text import printable
from recbole_curec.defaults import read_yaml
from recbole_curec.distributed import stop, world
from recbole_curec.errors import ConfigurationError, CURecError
from recbole_curec.explain.console import metric_table, reason_block
from recbole_curec.export import export_features
from recbole_curec.logs import command_session
from recbole_curec.quick_start import RunResult, run_config

USAGE = """usage: python run_curec.py --model=CURec --dataset=ml-100k [--config_files=a.yaml b.yaml] [--key=value ...]

models: CURec (sequential backbone), CURecGeneral (general backbone), or any RecBole model as a plain baseline.
Settings: RecBole's own, and those of docs/settings.md; later files and command-line values win.
"""
EXPORT_USAGE = """usage: curec export --dataset=ml-100k --export_dir=<folder> [--model=CURec]
                    [--config_files=a.yaml b.yaml] [--key=value ...]

Makes or reuses stages 1 to 6 and writes the vectors of items and users as RecBole atomic files, with the YAML lines
that load them into any RecBole model.
"""
BENCHMARK_USAGE = """usage: curec benchmark <row.yaml or folder> ... --dataset=ml-100k [--seeds=3] [--references=a,b]
                       [--benchmark_dir=benchmark] [--config_files=a.yaml b.yaml] [--key=value ...]

Runs every row under every seed, skips what is finished, and writes a table with spread, significance and slices.
--seeds is how many, counted from --seed, or a list: --seeds='[1,2,3]'. Rows are compared with the references, by
default with the first row.
"""
CUREC_USAGE = """usage: curec run | export | benchmark ...

  run        train and test a model, with the same arguments as run_curec.py
  export     write the vectors as atomic files for plain RecBole models
  benchmark  many rows times seeds under one protocol

curec <command> --help says more.
"""
USER_ERROR = 2
_SEEDS = 3
_MOST_SEEDS = 100


@dataclass(frozen=True)
class Command:
    """A subcommand: its help, and what turns arguments into the text it prints."""

    usage: str
    run: Callable[[list[str]], str]


def main(argv: Sequence[str] | None = None) -> int:
    """``curec run``: return its exit code, 0, or 2 when a setting or the data cannot be used."""
    return _answer(COMMANDS["run"], list(sys.argv[1:] if argv is None else argv))


def console(argv: Sequence[str] | None = None) -> int:
    """The ``curec`` command: a subcommand and its arguments."""
    if argv is None and "OMP_WAIT_POLICY" not in os.environ:
        # As in run_curec.py; torch, which reads it while it loads, was imported on the way here.
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
        os.execve(sys.executable, [sys.executable, "-m", "recbole_curec.cli", *sys.argv[1:]], environment)  # noqa: S606
    name, *arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in ("-h", "--help"):
        print(CUREC_USAGE)
        return 0
    if name not in COMMANDS:
        print(f"error: '{name}' is no command: give one of {', '.join(COMMANDS)}.", file=sys.stderr)
        return USER_ERROR
    return _answer(COMMANDS[name], arguments)


def _answer(command: Command, arguments: list[str]) -> int:
    if any(argument in ("-h", "--help") for argument in arguments):
        print(command.usage)
        return 0
    try:
        text = command.run(arguments)
    except CURecError as error:
        rank = "" if world().is_main else f"rank {world().rank}: "
        print(printable(f"{rank}error: {error}"), file=sys.stderr)
        return USER_ERROR
    finally:
        stop()
    if world().is_main:
        print(printable(text))
    return 0


def _run(arguments: list[str]) -> str:
    started = time.perf_counter()
    model, dataset, files, overrides = parse_arguments(arguments)
    config = load_config(model, dataset, files, overrides)
    with command_session(config):
        result = run_config(config, lambda more: load_config(model, dataset, files, {**overrides, **more}))
    return report(result, time.perf_counter() - started) if result.models else ""


def _check_one_process(command: str) -> None:
    if world().size > 1:
        raise ConfigurationError(
            f"curec {command} runs in one process, not in {world().size}: start it without torchrun or accelerate; it "
            "reuses the stages that `curec run` made with several."
        )


def _export(arguments: list[str]) -> str:
    _check_one_process("export")
    model, dataset, files, overrides = parse_arguments(arguments)
    folder = overrides.pop("export_dir", None)
    if folder is None:
        raise ConfigurationError("No folder is given: set --export_dir=<folder>.")
    with_model = {"model": "CURec"} if model is None and not _names_model(files) else {}
    config = load_config(model, dataset, files, {**with_model, **overrides, "fusion": "none", "fusion_alignment": 0.0})
    with command_session(config):
        exported = export_features(config, Path(str(folder)))
    return exported.describe()


def _names_model(files: Sequence[str]) -> bool:
    return any("model" in read_yaml(file) for file in files)


def _benchmark(arguments: list[str]) -> str:
    _check_one_process("benchmark")
    split = next((place for place, text in enumerate(arguments) if text.startswith("--")), len(arguments))
    rows = find_rows(arguments[:split])
    model, dataset, files, overrides = parse_arguments(arguments[split:])
    if model is not None:
        raise ConfigurationError(f"--model={model} cannot be used with a benchmark: every row's file names its model.")
    seeds = _seeds(overrides.pop("seeds", _SEEDS), overrides.pop("seed", None))
    references = _names(overrides.pop("references", ""))
    folder = Path(str(overrides.pop("benchmark_dir", "benchmark")))
    with command_session(rows[0].config(dataset, files, overrides, seeds[0])):
        result = run_benchmark(
            rows, dataset, seeds, folder, references=references, config_files=files, overrides=overrides
        )
        written = write_report(result, folder)
    return "\n".join([page(result), *map(str, written)])


def _seeds(wanted: Any, first: Any) -> list[int]:
    """Seeds of a benchmark: a list as it is, or so many from ``first`` on."""
    if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted > 0:
        start = 2020 if first is None else int(first)
        if wanted > _MOST_SEEDS:  # '--seeds=2020' is a seed, not two thousand of them
            raise ConfigurationError(
                f"seeds={wanted} asks for {wanted} runs of every row, and {_MOST_SEEDS} is the most: give a smaller "
                f"number, or '[{wanted}]' for the one seed {wanted}."
            )
        return list(range(start, start + wanted))
    if isinstance(wanted, list | tuple) and wanted and all(isinstance(seed, int) for seed in wanted) and first is None:
        return list(wanted)
    raise ConfigurationError(f"seeds={wanted!r} cannot be used: give how many, or a list such as '[1,2,3]'.")


def _names(text: Any) -> list[str]:
    names = text if isinstance(text, list | tuple) else str(text).split(",")
    return [str(name).strip() for name in names if str(name).strip()]


def report(result: RunResult, seconds: float) -> str:
    """What a run prints at its end."""
    parts = ["", metric_table([(model.name, model.test) for model in result.models])]
    if result.reasons:
        parts += ["", f"{len(result.reasons)} sample reasons", ""]
        parts.append("\n\n".join(reason_block(record) for record in result.reasons))
    parts += [
        "",
        *(f"checkpoint ({model.name}): {model.checkpoint}" for model in result.models),
        *([f"reasons: {result.artifacts['correct']}"] if result.artifacts else []),
        f"wall time {seconds / 60:.1f} min, peak memory {peak_memory_mib() / 1024:.2f} GiB",
    ]
    return "\n".join(parts)


COMMANDS = {
    "run": Command(USAGE, _run),
    "export": Command(EXPORT_USAGE, _export),
    "benchmark": Command(BENCHMARK_USAGE, _benchmark),
}

if __name__ == "__main__":
    sys.exit(console())
