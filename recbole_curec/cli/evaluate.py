"""``curec evaluate``: the quality of explanations, ours or somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from recbole_curec.api.evaluating import SAMPLES, SEED, SENTENCES, evaluate
from recbole_curec.atomic_write import check_output_file
from recbole_curec.benchmark.held_out_references import Split
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.options import check_not_read, check_used, own_options, texts_given, whole_number
from recbole_curec.cli.session import set_threads
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.explanations import Columns
from recbole_curec.evaluation.quality_table import QUALITY_FILES
from recbole_curec.paths import user_path

_TEXTS = (
    "reasons", "references", "checkpoint", "encoder", "bertscore", "against", "output",
    "user_column", "item_column", "text_column", "reference_column", "features_column",
)  # fmt: skip
_OF_REFERENCES = ("encoder", "bertscore", "sentences", "reference_column", "features_column")
# Name, least value, default.
_NUMBERS = (("sentences", 0, SENTENCES), ("samples", 0, SAMPLES), ("seed", 0, SEED), ("pairs", 1, None))


def run(arguments: list[str]) -> str:
    """Print or write the tables."""
    check_one_process("evaluate")
    given = own_options("evaluate", arguments, (*_TEXTS, *(name for name, _, _ in _NUMBERS)), ("data_path",))
    given |= texts_given(arguments, _TEXTS)
    if "reasons" not in given:
        raise ConfigurationError("No reasons are given: set --reasons=<file>,<file>.")
    _check_used(given)
    reasons = names(given["reasons"])
    output = user_path("output", given["output"]) if "output" in given else None
    if output is not None:
        check_output_file(output, QUALITY_FILES)
        check_not_read(output, [*reasons, *(given[name] for name in ("references", "checkpoint") if name in given)])
    numbers: dict[str, Any] = {
        name: whole_number(name, given[name], least) if name in given else default for name, least, default in _NUMBERS
    }
    columns = {name: given.get(f"{name}_column") for name in ("user", "item", "text", "features")}
    set_threads(None)
    found = evaluate(
        reasons,
        given.get("references"),
        checkpoint=user_path("checkpoint", given["checkpoint"]) if "checkpoint" in given else None,
        bertscore=given.get("bertscore"),
        against=given.get("against"),
        columns=Columns(columns["user"], columns["item"], columns["text"]),
        reference_columns=Columns(columns["user"], columns["item"], given.get("reference_column"), columns["features"]),
        data_path=given.get("data_path"),
        **({"encoder": given["encoder"]} if "encoder" in given else {}),
        **numbers,
    )
    if output is None:
        return str(found)
    found.save(output)
    return f"{found}\n\nwritten to {output}"


def _check_used(given: Mapping[str, Any]) -> None:
    """Check that no option is given that would change nothing."""
    check_used(given, _OF_REFERENCES, "references")
    check_used(given, ("data_path",), "checkpoint")
    of_run = given.get("references") in get_args(Split)
    for name in ("reference_column", "features_column") if of_run else ("sentences",):
        if name in given and "references" in given:
            splits = " or ".join(get_args(Split))
            kind = "a file" if of_run else splits
            raise ConfigurationError(
                f"--{name} says nothing with --references={given['references']}: it is for references of {kind}; leave "
                "it out."
            )


EVALUATE = Command(run, goes_on=False)
