"""Sheets as CSV files for spreadsheets, and the rows of files that come back from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from recbole_curec.data.long_fields import long_csv_fields
from recbole_curec.errors import DataError
from recbole_curec.evaluation.annotation.sheet import CONTENT, QUESTION, SHEET, Sheet, answer_columns

# A cell that begins so is computed by spreadsheets. An apostrophe keeps it text, and is itself kept by another one.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "'")
_SEPARATORS = ",;\t"


def csv_text(sheet: Sheet) -> str:
    """A sheet as CSV with empty answers; cells that spreadsheets would compute begin with an apostrophe."""
    answers = answer_columns(sheet.scales)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*CONTENT, *answers])
    for question in sheet.questions:
        cells = question.content(sheet.name)
        writer.writerow([*(_harmless(cells[column]) for column in CONTENT), *("" for _ in answers)])
    return file.getvalue()


def write_csv(sheet: Sheet, path: Path) -> None:
    """Write a sheet; the byte order mark tells spreadsheets that it is UTF-8."""
    path.write_text(csv_text(sheet), encoding="utf-8-sig", newline="")


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a filled sheet, whatever separator a spreadsheet saved it with.

    Raises:
        DataError: It is not UTF-8, has no header of a sheet, or a row has more or fewer cells than the header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"'{path}' is not UTF-8: save the sheet as 'CSV UTF-8'.") from error
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        with long_csv_fields():
            read = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise DataError(f"'{path}' is no CSV file ({error}): save the sheet as 'CSV UTF-8'.") from error
    rows = [row for row in read if any(map(str.strip, row))]
    header = [name.strip() for name in rows[0]] if rows else []
    if not {SHEET, QUESTION} <= set(header) or len(set(header)) < len(header):
        raise DataError(
            f"'{path}' has no header of a sheet: give a file of the folder sheets, filled and saved as CSV."
        )
    return list(_rows(path, header, rows[1:]))


def _rows(path: Path, header: list[str], rows: list[list[str]]) -> Iterable[dict[str, str]]:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise DataError(
                f"'{path}', row {number} has {len(row)} cells instead of {len(header)}: the sheet was edited; fill a "
                "fresh copy of it."
            )
        yield dict(zip(header, map(_as_written, row), strict=True))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _as_written(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell
