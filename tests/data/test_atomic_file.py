"""Atomic files are read as text, and a line that does not fit the header is an error, whoever reads the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.data.atomic_file import AtomicTable, read_atomic_file
from recbole_curec.data.reviews import ReviewFile, with_reviews
from recbole_curec.errors import DataError
from tests.examples import make_history


def written(folder: Path, *lines: str) -> Path:
    path = folder / "a.inter"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(folder: Path, *lines: str, separator: str = "\t") -> AtomicTable:
    return read_atomic_file(written(folder, *lines), separator, "utf-8")


def test_rows_are_text_and_columns_have_a_type(tmp_path: Path) -> None:
    table = read(tmp_path, "user_id:token\tnote:token_seq", '007\t"Brazil', "NA\t")
    assert table.types == {"user_id": "token", "note": "token_seq"}
    assert table.texts("user_id").tolist() == ["007", "NA"]
    assert table.texts("note").tolist() == ['"Brazil', ""]


def test_a_line_with_more_fields_than_the_header_is_an_error_for_reviews_too(tmp_path: Path) -> None:
    path = written(tmp_path, "user_id:token\titem_id:token\treview:token_seq", "ann\ta\tgood\tmore")
    with pytest.raises(DataError, match="line 2: 4 fields, where the header names 3 columns"):
        read_atomic_file(path, "\t", "utf-8")
    file = ReviewFile(path, "user_id", "item_id", None, "\t", "utf-8", None)
    with pytest.raises(DataError, match="line 2: 4 fields, where the header names 3 columns"):
        with_reviews(make_history({"ann": ["a"]}, ("", "a")), file)


def test_ids_lose_the_blanks_around_them(tmp_path: Path) -> None:
    table = read(tmp_path, "user_id:token\tx:token", "ann \t1", "\u00a0bob\t2", "cy\t3")
    assert table.ids("user_id").tolist() == ["ann", "bob", "cy"]
    assert table.padded_ids("user_id") == 2
    assert table.texts("user_id").tolist()[0] == "ann "


def test_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, "t:float\tx:token", "1e3\ta", " 2.5\tb", "\tc", "nan\td")
    assert table.numbers("t").tolist()[:2] == [1000.0, 2.5]
    with pytest.raises(DataError, match="line 4: t '' is missing"):
        table.numbers("t", complete=True)
    with pytest.raises(DataError, match="line 3: t 'in' is no number"):
        read(tmp_path, "t:float\tx:token", "1\ta", "in\tb").numbers("t")
    with pytest.raises(DataError, match="line 2: t '1e999' is no finite number"):
        read(tmp_path, "t:float\tx:token", "1e999\ta", "1\tb").numbers("t")


def test_lines_are_counted_over_empty_ones_and_over_fields_of_several(tmp_path: Path) -> None:
    table = read(tmp_path, "a:token\tb:token", "1\t2", "", '3\t"x', '', 'y"', "4\t5")  # fmt: skip
    assert [table.line(row) for row in range(3)] == [2, 4, 7]
    assert table.texts("b").tolist() == ["2", "x\n\ny", "5"]


def test_unique_ids(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 4: a '1' occurs twice"):
        read(tmp_path, "a:token\tb:token", "1\t2", "2\t3", "1 \t4").unique_ids("a")


@pytest.mark.parametrize("separator", ["", "\n", '"', '\t"'])
def test_a_separator_that_cannot_be_one(tmp_path: Path, separator: str) -> None:
    with pytest.raises(DataError, match="field_separator"):
        read(tmp_path, "a:token\tb:token", "1\t2", separator=separator)


def test_no_record_is_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recbole_curec.data.lines.MOST_CHARACTERS", 1000)
    monkeypatch.setattr("recbole_curec.data.lines._CHUNK", 500)
    with pytest.raises(DataError, match="line 2: the line has more than 1,000 characters"):
        read(tmp_path, "a:token\tb:token", "1\t" + "x" * 5000)
