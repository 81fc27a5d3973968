"""``curec explain``: why items are recommended, or ratings predicted, from a checkpoint."""

from __future__ import annotations

from typing import Any

from recbole_curec.api.explaining import explain
from recbole_curec.atomic_write import check_output_file
from recbole_curec.cli.command import Command, check_one_process
from recbole_curec.cli.options import ids_given, own_options, whole_number
from recbole_curec.cli.session import set_threads
from recbole_curec.errors import ConfigurationError
from recbole_curec.explanations.result import EXPLANATION_FILES
from recbole_curec.paths import user_path

_OWN = ("checkpoint", "users", "history", "items", "top_k", "statements", "engine", "output")
_TEXTS = ("users", "history", "items")
_EXCLUSIVE = (
    ("items", "top_k", "the items are given, or the best ones"),
    ("users", "history", "a new user has no id in the data"),
)


def run(arguments: list[str]) -> str:
    """Print or write the explanations."""
    check_one_process("explain")
    own = own_options("explain", arguments, _OWN, ("data_path",)) | ids_given(arguments, _TEXTS)
    if "checkpoint" not in own:
        raise ConfigurationError("No checkpoint is given: set --checkpoint=<the path that the run printed>.")
    for one, other, why in _EXCLUSIVE:
        if one in own and other in own:
            raise ConfigurationError(f"--{one} and --{other} cannot be given together: {why}.")
    if "output" not in own and "users" not in own and "history" not in own:
        raise ConfigurationError("Explanations for everybody need a file: set --output=<file>.html, or give --users.")
    output = user_path("output", own["output"]) if "output" in own else None
    checkpoint = user_path("checkpoint", own["checkpoint"])
    if output is not None:
        check_output_file(output, EXPLANATION_FILES)
    set_threads(None)
    numbers: dict[str, Any] = {
        name: whole_number(key, own[key], least)
        for key, name, least in (("top_k", "k", 1), ("statements", "statements", 0))
        if key in own
    }
    found = explain(
        checkpoint,
        own.get("users"),
        items=own.get("items"),
        history=own.get("history"),
        engine=own.get("engine"),
        data_path=own.get("data_path"),
        **numbers,
    )
    if output is None:
        return str(found)
    found.save(output)
    return f"{len(found.rows):,} explanations written to {output}"


EXPLAIN = Command(run)
