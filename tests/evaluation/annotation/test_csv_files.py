"""CSV sheets: no cell is computed by a spreadsheet, and what comes back is what was written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from recbole_curec.errors import DataError
from recbole_curec.evaluation.annotation.csv_files import csv_text, read_csv, write_csv
from recbole_curec.evaluation.annotation.sheet import CONTENT, Question, Sheet, content_digest

HOSTILE = ('=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "'=1", "''", "\uff1d1", 'a "quoted", text; more')


def sheet() -> Sheet:
    questions = [Question(f"q{k}", text, '"007"', (text, "plain")) for k, text in enumerate(HOSTILE)]
    return Sheet("sheet-1", questions, ["personal"])


def test_no_cell_begins_like_a_formula() -> None:
    for row in csv.reader(io.StringIO(csv_text(sheet()))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\uff1d", "\t", "\r"))]


def test_a_sheet_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    write_csv(sheet(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read_csv(path)
    assert [{name: row[name] for name in CONTENT} for row in rows] == [
        question.content("sheet-1") for question in sheet().questions
    ]
    assert {row["preferred"] for row in rows} == {""}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheet_may_change_separators_line_ends_and_apostrophes(tmp_path: Path, separator: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(sheet()))))
    path = tmp_path / "sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([[cell.removeprefix("'") for cell in row] for row in rows])
    digests = sheet().digests()
    assert [content_digest(row) for row in read_csv(path)] == list(digests.values())


def test_every_word_counts_in_a_digest() -> None:
    content = sheet().questions[0].content("sheet-1")
    before = content_digest(content)
    for column in CONTENT:
        assert content_digest({**content, column: f"{content[column]}."}) != before
    turned = {**content, "explanation A": content["explanation B"], "explanation B": content["explanation A"]}
    assert content_digest(turned) != before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no header of a sheet"),
        (b"a,b\n1,2\n", "has no header of a sheet"),
        (b"sheet,question,sheet\n1,2,3\n", "has no header of a sheet"),
        (b"sheet,question\n1,2,3\n", "row 1 has 3 cells instead of 2"),
        ("sheet,question\né,1\n".encode("latin-1"), "is not UTF-8"),
        (b"sheet,question\n" + b"x" * (1 << 20) + b"xx,1\n", "is no CSV file"),
    ],
)
def test_files_that_are_no_sheets(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_csv(path)
