"""Filled sheets: checked against the key, and their answers with the sides undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recbole_curec.data.json_files import read_json
from recbole_curec.errors import ConfigurationError, DataError, shown
from recbole_curec.evaluation.annotation.csv_files import read_csv
from recbole_curec.evaluation.annotation.key import Key, KeyedQuestion, KeyedSheet
from recbole_curec.evaluation.annotation.sheet import (
    CONTENT,
    HIGHEST,
    LOWEST,
    PREFERRED,
    QUESTION,
    SHEET,
    SIDES,
    TIE,
    answer_columns,
    content_digest,
    sheet_digest,
)

ANSWER_FILES = (".json", ".csv")
_SAVED = "give the file that the page saved"
# What an annotator prefers: the first set, the second, or neither.
Preference = int | None


@dataclass(frozen=True)
class Answer:
    """What one annotator answered to one question.

    Attributes:
        sheet: Name of the annotator's sheet.
        question: What the key says of the question.
        answered: Whether one side, or neither, was chosen.
        preferred: 0 for the first set (for a check: the right side), 1 for the other, None for neither.
        ratings: Rating by scale and set (0 or 1); those not given are missing.
    """

    sheet: str
    question: KeyedQuestion
    answered: bool
    preferred: Preference
    ratings: Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class Filled:
    """The filled sheet of one annotator.

    Attributes:
        sheet: Its name.
        answers: One per question, attention checks included.
        missing: Cells left empty.
    """

    sheet: str
    answers: Sequence[Answer]
    missing: int

    @property
    def checks(self) -> list[bool]:
        """For every attention check, whether the right side was chosen."""
        return [one.answered and one.preferred == 0 for one in self.answers if one.question.check is not None]

    @property
    def compared(self) -> list[Answer]:
        """The answers without those to attention checks."""
        return [one for one in self.answers if one.question.check is None]


def read_filled(key: Key, paths: Sequence[Path]) -> list[Filled]:
    """The filled sheets of several annotators.

    Args:
        key: The key of the study.
        paths: JSON files that the page saved, or sheets saved as CSV.

    Raises:
        ConfigurationError: A file is no sheet of this key, or one sheet is given twice.
        DataError: A sheet was edited or unblinded, an answer is none that the sheet allows, or there are no answers.
    """
    found: dict[str, tuple[Path, Filled]] = {}
    for path in paths:
        filled = _read(key, path)
        if filled.sheet in found:
            raise ConfigurationError(
                f"'{found[filled.sheet][0]}' and '{path}' both answer {filled.sheet}: give one file per annotator."
            )
        found[filled.sheet] = (path, filled)
    return [filled for _, filled in found.values()]


def _read(key: Key, path: Path) -> Filled:
    rows = _rows(path)
    names = {str(row.get(SHEET)) for row in rows}
    if len(names) != 1:
        raise DataError(
            f"'{path}' holds answers to {len(names)} sheets: give one file per sheet, as it was handed out."
        )
    name = names.pop()
    if name not in key.sheets:
        raise ConfigurationError(
            f"'{path}' holds answers to {shown(name)}, which belongs to another key: give the key of that sheet."
        )
    columns = answer_columns(key.scales)
    _check_columns(path, rows, columns)
    _check_content(path, rows, key.sheets[name])
    answers = [_answer(path, name, row, key.sheets[name].questions[row[QUESTION]], key.scales) for row in rows]
    missing = sum(row[column].strip() == "" for row in rows for column in columns)
    if missing == len(rows) * len(columns):
        raise DataError(f"'{path}' holds no answer: give a filled sheet.")
    return Filled(name, answers, missing)


def _rows(path: Path) -> list[dict[str, str]]:
    if path.suffix not in ANSWER_FILES:
        raise ConfigurationError(
            f"answers: '{path}' must end in {' or '.join(ANSWER_FILES)}: give the file that the page saved, or the "
            "filled CSV."
        )
    if not path.is_file():
        raise ConfigurationError(f"answers: '{path}' is no file: give the files that annotators sent back.")
    rows = read_csv(path) if path.suffix == ".csv" else _json_rows(path)
    if not rows:
        raise DataError(f"'{path}' holds no row: give a filled sheet.")
    return rows


def _json_rows(path: Path) -> list[dict[str, str]]:
    content = read_json(path, _SAVED, _SAVED)
    rows = content if isinstance(content, list) else []
    if not rows or not all(
        isinstance(row, dict) and SHEET in row and all(isinstance(cell, str) for cell in row.values()) for row in rows
    ):
        raise DataError(f"'{path}' is no file of answers: {_SAVED}.")
    return rows


def _check_columns(path: Path, rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> None:
    wanted = {*CONTENT, *columns}
    for row in rows:
        for name in row:
            if name not in wanted:
                raise DataError(
                    f"'{path}' has a column {shown(name)} that the sheet did not have, so it may be blind no more: "
                    "give the sheet as it was filled."
                )
        for name in (*CONTENT, *columns):
            if name not in row:
                raise DataError(
                    f"'{path}' lacks the column {name!r}, so the sheet was edited: fill a fresh copy of it."
                )


def _check_content(path: Path, rows: Sequence[Mapping[str, str]], keyed: KeyedSheet) -> None:
    digests: dict[str, str] = {}
    for row in rows:
        name = row[QUESTION]
        if name not in keyed.questions or name in digests:
            raise DataError(
                f"'{path}' holds the question {shown(name)} {'twice' if name in digests else 'of no sheet'}, so it was "
                "edited: fill a fresh copy of the sheet."
            )
        digests[name] = content_digest(row)
        if digests[name] != keyed.questions[name].digest:
            raise DataError(
                f"'{path}' holds other words in question {shown(name)} than were handed out, so it was edited: fill a "
                "fresh copy of the sheet."
            )
    if sheet_digest(digests) != keyed.digest:
        raise DataError(
            f"'{path}' lacks {len(keyed.questions) - len(digests):,} of {len(keyed.questions):,} questions, so it was "
            "edited: leave questions without an answer empty, and no row out."
        )


def _answer(path: Path, sheet: str, row: Mapping[str, str], question: KeyedQuestion, scales: Sequence[str]) -> Answer:
    chosen = {side.casefold(): side for side in (*SIDES, TIE)}
    told = row[PREFERRED].strip()
    if told and told.casefold() not in chosen:
        raise _outside(path, row, PREFERRED, f"{', '.join(SIDES)} or {TIE}")
    side = chosen.get(told.casefold(), TIE)
    ratings = {}
    for scale in scales:
        for place in SIDES:
            given = row[f"{scale} {place}"].strip()
            if not given:
                continue
            if given not in map(str, range(LOWEST, HIGHEST + 1)):
                raise _outside(path, row, f"{scale} {place}", f"a whole number from {LOWEST} to {HIGHEST}")
            ratings[scale, int(place != question.first_on)] = int(given)
    preferred = None if side == TIE else int(side != question.first_on)
    return Answer(sheet, question, bool(told), preferred, ratings)


def _outside(path: Path, row: Mapping[str, str], column: str, allowed: str) -> DataError:
    return DataError(
        f"'{path}', question {row[QUESTION]}: {column}={shown(row[column])} is no answer: write {allowed}, or nothing."
    )
