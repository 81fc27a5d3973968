"""``curec recommend``: top-K lists from a checkpoint."""

from __future__ import annotations

from typing import Any

from recbole_curec.cli.command import Command, check_one_process
from recbole_curec.cli.options import ids_given, own_options, whole_number
from recbole_curec.cli.session import set_threads
from recbole_curec.errors import ConfigurationError
from recbole_curec.explanations.console import list_table
from recbole_curec.paths import user_path
from recbole_curec.serving.files import check_output, write_lists
from recbole_curec.serving.recommender import Recommender

_TOP = 10
_OWN = ("checkpoint", "users", "history", "top_k", "keep_history", "output")
_RECBOLE = ("data_path", "gpu_id")


def run(arguments: list[str]) -> str:
    """Print or write the lists."""
    check_one_process("recommend")
    given = own_options("recommend", arguments, _OWN, _RECBOLE)
    own = {key: given.pop(key) for key in _OWN if key in given} | ids_given(arguments, ("users", "history"))
    if "checkpoint" not in own:
        raise ConfigurationError("No checkpoint is given: set --checkpoint=<the path that the run printed>.")
    if "users" in own and "history" in own:
        raise ConfigurationError("--users and --history cannot be given together: a new user has no id in the data.")
    top_k, keep = whole_number("top_k", own.get("top_k", _TOP), 1), _truth(own.get("keep_history", False))
    output = user_path("output", own["output"]) if "output" in own else None
    if output is not None:
        check_output(output)
    if output is None and "users" not in own and "history" not in own:
        raise ConfigurationError("Lists of everybody need a file: set --output=<file>.parquet, or give --users.")
    set_threads(None)
    recommender = Recommender.load(user_path("checkpoint", own["checkpoint"]), given)
    tables = recommender.lists(own.get("users"), own.get("history"), top_k, keep_history=keep)
    if output is not None:
        return f"{write_lists(tables, output):,} rows written to {output}"
    return list_table(next(tables), recommender.titles())


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"keep_history={value!r} cannot be used: give True or False.")
    return value


RECOMMEND = Command(run, goes_on=False)
