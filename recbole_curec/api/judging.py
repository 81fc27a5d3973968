"""``judge``: a language model on a server compares two sets of explanations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recbole_curec.api.comparing import compared_sets, with_checkpoint
from recbole_curec.atomic_write import check_folder, write_text_to, write_whole
from recbole_curec.data.json_files import read_json
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.explanation_sets import Source
from recbole_curec.evaluation.judging.judge import Judgement, check_judge, judge_sets
from recbole_curec.evaluation.judging.people import read_people
from recbole_curec.evaluation.judging.report import MARK, comparison_mark, record, told, verdict_table
from recbole_curec.evaluation.judging.settings import JudgeSettings
from recbole_curec.llm.server import ServerSettings
from recbole_curec.paths import user_path
from recbole_curec.suggestions import did_you_mean
from recbole_curec.terminal import printable_line

FIGURES, VERDICTS = "judge.json", "verdicts.parquet"


@dataclass(frozen=True)
class JudgeReport:
    """What a judge says.

    Attributes:
        judgement: Verdicts, planted comparisons and agreement with people.
        folder: Folder of the answers, the verdicts and the figures.
    """

    judgement: Judgement
    folder: Path

    def figures(self) -> dict[str, Any]:
        """The result as plain data."""
        return record(self.judgement)

    def __str__(self) -> str:
        """The result in words."""
        left_out = self.judgement.compared.left_out()
        parts = [told(self.judgement), left_out, f"verdicts and figures: {printable_line(self.folder)}"]
        return "\n".join(part for part in parts if part)


def judge(
    reasons: Sequence[str | Path] | Mapping[str, Source],
    output: str | Path,
    settings: Mapping[str, Any],
    *,
    people: str | Path | None = None,
    checkpoint: str | Path | None = None,
    data_path: str | Path | None = None,
    show_progress: bool = False,
) -> JudgeReport:
    """Let a language model say which of two sets of explanations is better.

    Args:
        reasons: Two files of explanations, or two files or tables by name.
        output: Folder of the answers, which a repeated call goes on from, the verdicts and the figures.
        settings: ``judge.model``, ``openai.base_url`` and others of the sections ``judge`` and ``openai``.
        people: A file of ``AnnotationReport.save``, whose preferences the judge is compared with.
        checkpoint: A checkpoint whose data have titles and histories; without it those of the evidence are shown.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.
        show_progress: Whether a progress bar is drawn.

    Raises:
        CURecError: A setting, the explanations or the folder cannot be used, the folder holds the result of other
            explanations or of another judge, or the server fails.
    """
    own, server = judge_settings(settings)
    folder = user_path("output", output)
    check_folder(folder)
    doubts = check_judge(own, server)
    compared_by_people = None if people is None else read_people(user_path("people", people))
    compared = with_checkpoint(compared_sets(reasons), checkpoint, data_path)
    _check_same(folder / FIGURES, comparison_mark(compared, own))
    found = judge_sets(
        compared, own, server, folder, people=compared_by_people, doubts=doubts, show_progress=show_progress
    )
    table = verdict_table(found)
    write_whole(
        {
            folder / VERDICTS: lambda there: table.to_parquet(there, index=False),
            folder / FIGURES: write_text_to(json.dumps(record(found), indent=2, ensure_ascii=False) + "\n"),
        }
    )
    return JudgeReport(found, folder)


def _check_same(figures: Path, mark: str) -> None:
    """Check that a result which is there already is an earlier one of the same comparison."""
    if not figures.exists():
        return
    advice = "give another folder"
    content = read_json(figures, advice, advice)
    if not isinstance(content, dict) or content.get(MARK) != mark:
        raise ConfigurationError(
            f"output: '{figures}' is the result of another comparison or of another judge, and would be lost: {advice}."
        )


def judge_settings(settings: Mapping[str, Any]) -> tuple[JudgeSettings, ServerSettings]:
    """The settings of the judge and of its server.

    Raises:
        ConfigurationError: A value cannot be used, or a key is unknown.
    """
    groups = (JudgeSettings, ServerSettings)
    known = {name for group in groups for pair in group.aliases().items() for name in pair}
    for key in settings:
        if key not in known:
            raise ConfigurationError(
                f"{key} is no setting of a judge{did_you_mean(key, known)}: see `curec judge --help`."
            )
    return JudgeSettings.read(settings), ServerSettings.read(settings)
