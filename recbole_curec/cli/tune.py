"""``curec tune``: the best settings of several rows on the validation split, each with the same budget."""

from __future__ import annotations

from recbole_curec.api.tuning import FOLDER, SEED, run_tuning, seed_of
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.session import command_session
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.tune.rows import rows_of
from recbole_curec.tune.tuning import Budget

USAGE = """usage: curec tune [<row.yaml or folder> ...] [--model=CURec,SASRec] --dataset=ml-100k [--trials=20]
                  [--seed=2020] [--space=<file.yaml, file.hyper or folder>] [--engine=optuna|recbole]
                  [--search=tpe|random] [--prune=true] [--tune_dir=tune] [--config_files=a.yaml b.yaml]
                  [--key=value ...]

Searches the settings of every row, ours or plain RecBole models, with the same number of trials each. Trials are
measured on the validation split alone. The first is the row as it is. A backbone's space comes as a default, without
what --key=value sets. The same command goes on after a kill, and with more --trials from where it ended; started
several times it shares the trials. It writes a table, tuned.yaml for --config_files, and a tuned file per row.
"""
_BUDGET = ("trials", "engine", "search", "prune")


def run(arguments: list[str]) -> str:
    """Search, or go on searching, and print the page."""
    check_one_process("tune")
    split = next((place for place, text in enumerate(arguments) if text.startswith("--")), len(arguments))
    given, dataset, files, overrides = parse_arguments(arguments[split:])
    models = [] if given is None else names(given)
    rows = rows_of(arguments[:split], models)
    budget = {name: overrides.pop(name) for name in _BUDGET if name in overrides}
    Budget(**budget).check()
    space = overrides.pop("space", None)
    folder = user_path("tune_dir", overrides.pop("tune_dir", FOLDER))
    seed = seed_of(overrides.get("seed", SEED))
    with command_session(rows[0].config(dataset, files, overrides, seed)):
        return str(
            run_tuning(
                arguments[:split], dataset, files, overrides, models=models, space=space, folder=folder, **budget
            )
        )


TUNE = Command(USAGE, run)
