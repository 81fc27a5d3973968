"""``curec judge``: a language model on a server compares two sets of explanations."""

from __future__ import annotations

from recbole_curec.api.judging import FIGURES, VERDICTS, judge
from recbole_curec.cli.command import Command, check_one_process, names
from recbole_curec.cli.options import check_not_read, check_used, given_options
from recbole_curec.evaluation.judging.settings import JudgeSettings
from recbole_curec.llm.server import ServerSettings
from recbole_curec.paths import user_path

_OWN = ("reasons", "output", "people", "checkpoint", "data_path")
_SETTINGS = tuple(full for group in (JudgeSettings, ServerSettings) for full in group.aliases())
_TEXTS = (*_OWN, "judge.model", "judge.writers")


def run(arguments: list[str]) -> str:
    """Judge and say the result."""
    check_one_process("judge")
    given = given_options("judge", arguments, (*_OWN, *_SETTINGS), ("reasons", "output"), _TEXTS)
    check_used(given, ("data_path",), "checkpoint")
    reasons = names(given["reasons"])
    folder = user_path("output", given["output"])
    for name in (FIGURES, VERDICTS):
        check_not_read(folder / name, [*reasons, *(given[key] for key in ("people", "checkpoint") if key in given)])
    return str(
        judge(
            reasons,
            given["output"],
            {key: value for key, value in given.items() if key in _SETTINGS},
            people=given.get("people"),
            checkpoint=given.get("checkpoint"),
            data_path=given.get("data_path"),
            show_progress=True,
        )
    )


JUDGE = Command(run)
