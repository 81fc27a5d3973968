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

USAGE = """usage: curec explain --checkpoint=<file> --users=196,186 [--items=<item>,... | --top_k=10] [--statements=4]
                     [--output=<file>.json|.parquet] [--data_path=<folder>]

For a model that ranks: each user's list, with a reason per item, drafted, checked, corrected and scored as in the run.
For RecCoT: predicted ratings, the highest or those of --items, each with the past statements it rests on and by how
much the rating changes without them; --statements says how many are shown. --output keeps all of it in a file.
"""
_OWN = ("checkpoint", "users", "items", "top_k", "statements", "output")


def run(arguments: list[str]) -> str:
    """Print or write the explanations."""
    check_one_process("explain")
    own = own_options("explain", arguments, _OWN, ("data_path",)) | ids_given(arguments, ("users", "items"))
    for key, example in (("checkpoint", "<the path that the run printed>"), ("users", "<id>,<id>")):
        if key not in own:
            raise ConfigurationError(f"No {key} is given: set --{key}={example}.")
    if "items" in own and "top_k" in own:
        raise ConfigurationError("--items and --top_k cannot be given together: the items are given, or the best ones.")
    output = user_path("output", own["output"]) if "output" in own else None
    if output is not None:
        check_output_file(output, EXPLANATION_FILES)
    set_threads(None)
    numbers: dict[str, Any] = {
        name: whole_number(key, own[key], least)
        for key, name, least in (("top_k", "k", 1), ("statements", "statements", 0))
        if key in own
    }
    found = explain(
        user_path("checkpoint", own["checkpoint"]),
        own["users"],
        items=own.get("items"),
        data_path=own.get("data_path"),
        **numbers,
    )
    if output is None:
        return str(found)
    found.save(output)
    return f"{len(found.rows):,} explanations written to {output}"


EXPLAIN = Command(USAGE, run)
