"""``curec recommend``: top-K lists from a checkpoint."""

from __future__ import annotations

import re
from typing import Any

from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.session import set_threads
from recbole_curec.errors import ConfigurationError
from recbole_curec.explain.console import list_table
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.serving.files import check_output, write_lists
from recbole_curec.serving.recommender import Recommender
from recbole_curec.serving.titles import item_titles
from recbole_curec.suggestions import did_you_mean

USAGE = """usage: curec recommend --checkpoint=<file> [--users=196,186 | --history=<item>,<item>,...] [--top_k=10]
                       [--keep_history=False] [--output=<file>.parquet|.csv] [--data_path=<folder>]

Lists of known users, of a new user from a history (oldest item first), or of everybody (needs --output). Items a user
has already are left out unless --keep_history=True. Settings, ids and features come from the checkpoint; the
interactions are read from its dataset, which --data_path can move.
"""
_TOP = 10
_OWN = ("checkpoint", "users", "history", "top_k", "keep_history", "output")
_RECBOLE = ("data_path", "gpu_id")
_IDS = re.compile(r"--(users|history)=(.*)", re.DOTALL)


def run(arguments: list[str]) -> str:
    """Print or write the lists."""
    check_one_process("recommend")
    model, dataset, files, given = parse_arguments(arguments)
    if model or dataset or files:
        raise ConfigurationError("curec recommend takes model, dataset and settings from the checkpoint: remove them.")
    own = {key: given.pop(key) for key in _OWN if key in given}
    own |= {match[1]: _ids(match[0], match[2]) for match in map(_IDS.fullmatch, arguments) if match}
    for key in given:
        if key not in _RECBOLE:
            options = ", ".join(f"--{name}" for name in (*_OWN, *_RECBOLE))
            raise ConfigurationError(
                f"--{key} is no option of curec recommend{did_you_mean(key, [*_OWN, *_RECBOLE])}: use {options}; other "
                "settings come from the checkpoint."
            )
    if "checkpoint" not in own:
        raise ConfigurationError("No checkpoint is given: set --checkpoint=<the path that the run printed>.")
    if "users" in own and "history" in own:
        raise ConfigurationError("--users and --history cannot be given together: a new user has no id in the data.")
    top_k, keep = _top_k(own.get("top_k", _TOP)), _truth(own.get("keep_history", False))
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
    return list_table(next(tables), item_titles(recommender.config))


def _ids(option: str, text: str) -> list[str]:
    """Ids as strings: an id that looks like a number, such as 007 or 1e5, is not converted."""
    found = names(text)
    if not found:
        raise ConfigurationError(f"{option} names nothing: give original ids separated by commas.")
    return found


def _top_k(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"top_k={value!r} cannot be used: give a whole number of at least 1.")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"keep_history={value!r} cannot be used: give True or False.")
    return value


RECOMMEND = Command(USAGE, run)
