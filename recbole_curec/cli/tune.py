"""``curec tune``: the best settings of several rows on the validation split, each with the same budget."""

from __future__ import annotations

from recbole_curec.api.tuning import FOLDER, SEED, run_tuning, seed_of
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.session import command_session
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.tune.rows import rows_of
from recbole_curec.tune.tuning import Budget

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


TUNE = Command(run)
