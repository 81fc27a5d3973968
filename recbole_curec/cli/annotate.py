"""``curec annotate``: blinded sheets on which people compare explanations, and what they answered."""

from __future__ import annotations

from recbole_curec.api.annotating import RESULT_FILES, make_annotation, read_annotation
from recbole_curec.atomic_write import check_output_file
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.options import check_not_read, check_used, given_options, whole_number
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.annotation.sheet import SCALES
from recbole_curec.paths import user_path

_MAKE = ("reasons", "output", "pairs", "annotators", "checks", "scales", "seed", "checkpoint", "data_path")
_READ = ("key", "answers", "output")
_TEXTS = ("reasons", "output", "scales", "checkpoint", "data_path", "key", "answers")
_NONE = "none"


def run(arguments: list[str]) -> str:
    """Make sheets, or read them."""
    check_one_process("annotate")
    verb, *rest = arguments or [""]
    if verb == "make":
        return _make(rest)
    if verb == "read":
        return _read(rest)
    raise ConfigurationError(
        f"curec annotate {verb!r} cannot be done: write curec annotate make or curec annotate read."
    )


def _make(arguments: list[str]) -> str:
    given = given_options("annotate make", arguments, _MAKE, ("reasons", "output"), _TEXTS)
    numbers = {
        key: whole_number(key, given[key], least)
        for key, least in (("pairs", 1), ("annotators", 1), ("checks", 0), ("seed", 0))
        if key in given
    }
    check_used(given, ("data_path",), "checkpoint")
    scales = names(given.get("scales", ",".join(SCALES)))
    if not scales:
        raise ConfigurationError(
            f"--scales={given['scales']} names no scale: give some of {', '.join(SCALES)}, or {_NONE}."
        )
    return str(
        make_annotation(
            names(given["reasons"]),
            given["output"],
            scales=[] if scales == [_NONE] else scales,
            checkpoint=given.get("checkpoint"),
            data_path=given.get("data_path"),
            **numbers,
        )
    )


def _read(arguments: list[str]) -> str:
    given = given_options("annotate read", arguments, _READ, ("key", "answers"), _TEXTS)
    answers = names(given["answers"])
    output = user_path("output", given["output"]) if "output" in given else None
    if output is not None:
        check_output_file(output, RESULT_FILES)
        check_not_read(output, [given["key"], *answers])
    report = read_annotation(given["key"], answers)
    if output is not None:
        report.save(output)
    return str(report)


ANNOTATE = Command(run, goes_on=False)
