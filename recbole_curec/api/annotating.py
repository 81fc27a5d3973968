"""``make_annotation`` and ``read_annotation``: sheets for people who compare explanations, and what they answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from recbole_curec.api.comparing import compared_sets, with_checkpoint
from recbole_curec.api.whole_numbers import check_whole
from recbole_curec.atomic_write import check_folder, check_output_file, write_text, write_text_to, write_whole
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.amounts import amount
from recbole_curec.evaluation.annotation.attention import usual_checks
from recbole_curec.evaluation.annotation.blinding import Study, make_study
from recbole_curec.evaluation.annotation.csv_files import write_csv
from recbole_curec.evaluation.annotation.key import KEY_FILE, Key
from recbole_curec.evaluation.annotation.page import write_page
from recbole_curec.evaluation.annotation.reading import read_filled
from recbole_curec.evaluation.annotation.report import record, told
from recbole_curec.evaluation.annotation.result import AnnotationResult, result_of
from recbole_curec.evaluation.annotation.salted import new_salt
from recbole_curec.evaluation.annotation.sheet import SCALES
from recbole_curec.evaluation.compared_pairs import Compared
from recbole_curec.evaluation.explanation_sets import Source
from recbole_curec.llm.server import check_package
from recbole_curec.paths import user_path
from recbole_curec.plugin.checks.ranges import check_range
from recbole_curec.suggestions import did_you_mean
from recbole_curec.terminal import printable_line

SHEETS = "sheets"
RESULT_FILES = (".json",)


@dataclass(frozen=True)
class AnnotationKit:
    """What was written for a study.

    Attributes:
        study: The study.
        compared: The two sets.
        folder: Its folder; ``sheets`` in it is handed out, ``key.json`` is kept.
    """

    study: Study
    compared: Compared
    folder: Path

    def __str__(self) -> str:
        """What was written, in words."""
        study, (first, second) = self.study, map(printable_line, self.compared.names)
        kinds = [check.kind for check in study.checks]
        checks = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))) or "none"
        lines = [
            f"{len(study.pairs):,} of {amount(len(self.compared.pairs), 'pair')}, {first} against {second}; attention "
            f"checks: {checks}",
            *filter(None, [self.compared.left_out()]),
            f"hand out, one to each annotator, as a page or as CSV: {printable_line(self.folder / SHEETS)}",
            *(f"  {sheet.name}.html, {sheet.name}.csv" for sheet in study.sheets),
            f"keep to yourself: {printable_line(self.folder / KEY_FILE)}",
        ]
        if any(pair.context is None for pair in study.pairs):
            lines.append("Histories or titles are not known for some pairs: give a checkpoint that has them.")
        return "\n".join(lines)


@dataclass(frozen=True)
class AnnotationReport:
    """What annotators say.

    Attributes:
        result: Preferences, scales, agreement and checks.
    """

    result: AnnotationResult

    def figures(self) -> dict[str, Any]:
        """The result as plain data."""
        return record(self.result)

    def save(self, path: Path) -> None:
        """Write the figures as JSON, which ``curec judge --people`` reads.

        Raises:
            ConfigurationError: The file's name ends otherwise, or it cannot be written.
        """
        check_output_file(path, RESULT_FILES)
        write_text(path, json.dumps(self.figures(), indent=2, ensure_ascii=False) + "\n")

    def __str__(self) -> str:
        """The result in words."""
        return told(self.result)


def make_annotation(
    reasons: Sequence[str | Path] | Mapping[str, Source],
    output: str | Path,
    *,
    pairs: int = 100,
    annotators: int = 3,
    checks: int | None = None,
    scales: Sequence[str] = tuple(SCALES),
    seed: int = 0,
    checkpoint: str | Path | None = None,
    data_path: str | Path | None = None,
) -> AnnotationKit:
    """Write blinded sheets on which people compare and rate two sets of explanations, and the key.

    Args:
        reasons: Two files of explanations, or two files or tables by name.
        output: Folder that is written: ``sheets`` and ``key.json``.
        pairs: Users and items to compare.
        annotators: Number of sheets.
        checks: Attention checks per sheet; None for one in ten questions, at least two.
        scales: Scales on which both sides are rated, of ``faithful``, ``informative``, ``persuasive``, ``personal``.
        seed: Seed of the draw: which pairs are compared. Sides, orders, checks and ids are by secret chance, which the
            key keeps.
        checkpoint: A checkpoint whose data have titles and histories; without it those of the evidence are shown.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Raises:
        CURecError: The explanations, a number or a scale cannot be used, or the folder holds a key already.
    """
    folder = user_path("output", output)
    _check_study(folder, pairs, annotators, checks, scales)
    check_range("seed", seed)
    compared = with_checkpoint(compared_sets(reasons), checkpoint, data_path)
    count = min(pairs, len(compared.pairs))
    study = make_study(
        compared,
        pairs=count,
        annotators=annotators,
        checks=usual_checks(count) if checks is None else checks,
        scales=[name for name in SCALES if name in scales],
        seed=seed,
        salt=new_salt(),
    )
    files = {folder / KEY_FILE: write_text_to(study.key.model_dump_json(indent=1) + "\n")}
    for sheet in study.sheets:
        files[folder / SHEETS / f"{sheet.name}.html"] = partial(write_page, sheet)
        files[folder / SHEETS / f"{sheet.name}.csv"] = partial(write_csv, sheet)
    write_whole(files)
    return AnnotationKit(study, compared, folder)


def read_annotation(key: str | Path, answers: Sequence[str | Path]) -> AnnotationReport:
    """What the filled sheets of several annotators say.

    Args:
        key: The ``key.json`` of the study.
        answers: Files that the pages saved, or filled CSV files; one per annotator.

    Raises:
        CURecError: The key or a sheet cannot be used, or a sheet was edited.
    """
    check_package("krippendorff", "Reading annotations", extra="annotate")
    if isinstance(answers, str | Path) or not answers:
        raise ConfigurationError("answers: give a list of the files that annotators sent back.")
    kept = Key.read(user_path("key", key))
    return AnnotationReport(result_of(kept, read_filled(kept, [user_path("answers", path) for path in answers])))


def _check_study(folder: Path, pairs: int, annotators: int, checks: int | None, scales: Sequence[str]) -> None:
    for name, value, least in (("pairs", pairs, 1), ("annotators", annotators, 1), ("checks", checks, 0)):
        if value is not None or name != "checks":
            check_whole(name, value, least)
    for scale in scales:
        if scale not in SCALES:
            raise ConfigurationError(
                f"scales: {scale!r} is no scale{did_you_mean(scale, list(SCALES))}: give some of {', '.join(SCALES)}."
            )
    check_folder(folder)
    if (folder / KEY_FILE).exists():
        raise ConfigurationError(
            f"output: '{folder}' holds the key of a study, which its sheets cannot be read without: give another one."
        )
    sheets = folder / SHEETS  # an empty one is left by a call that was ended
    if sheets.exists() and (not sheets.is_dir() or any(sheets.iterdir())):
        raise ConfigurationError(f"output: '{sheets}' exists and is not empty: give a folder without sheets.")
