"""``curec tune``: the best settings of several rows on the validation split, each with the same budget."""

from __future__ import annotations

from typing import Any

from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.session import command_session
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.plugin.checks.ranges import check_range
from recbole_curec.tune.report import page, write_report
from recbole_curec.tune.rows import Asked, rows_of, tuned_rows
from recbole_curec.tune.tuning import Budget, tune

USAGE = """usage: curec tune [<row.yaml or folder> ...] [--model=CURec,SASRec] --dataset=ml-100k [--trials=20]
                  [--seed=2020] [--space=<file.yaml, file.hyper or folder>] [--engine=optuna|recbole]
                  [--search=tpe|random] [--prune=true] [--tune_dir=tune] [--config_files=a.yaml b.yaml]
                  [--key=value ...]

Searches the settings of every row, ours or plain RecBole models, with the same number of trials each. Trials are
measured on the validation split alone. The first is the row as it is. A backbone's space comes as a default, without
what --key=value sets. The same command goes on after a kill, and with more --trials from where it ended; started
several times it shares the trials. It writes a table, tuned.yaml for --config_files, and a tuned file per row.
"""
_SEED = 2020
_BUDGET = ("trials", "engine", "search", "prune")


def run(arguments: list[str]) -> str:
    """Search, or go on searching, and print the page."""
    check_one_process("tune")
    split = next((place for place, text in enumerate(arguments) if text.startswith("--")), len(arguments))
    models, dataset, files, overrides = parse_arguments(arguments[split:])
    rows = rows_of(arguments[:split], [] if models is None else names(models))
    budget = Budget(**{name: overrides.pop(name) for name in _BUDGET if name in overrides})
    budget.check()
    space = overrides.pop("space", None)
    folder = user_path("tune_dir", overrides.pop("tune_dir", "tune"))
    asked = Asked(dataset, files, overrides, _seed(overrides.pop("seed", _SEED)))
    with command_session(rows[0].config(dataset, files, overrides, asked.seed)):
        tuning = tune(tuned_rows(rows, asked, None if space is None else str(space)), budget, folder)
        written = write_report(tuning, folder)
        return "\n".join([page(tuning, folder), *map(str, written)])


def _seed(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ConfigurationError(f"seed={seed!r} cannot be used: give a whole number.")
    check_range("seed", seed)
    return seed


TUNE = Command(USAGE, run)
