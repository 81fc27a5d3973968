"""Atomic files are read as text, and a line that does not fit the header is an error, whoever reads the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.data.atomic_file import read_atomic_file
from recbole_curec.data.reviews import ReviewFile, with_reviews
from recbole_curec.errors import DataError
from tests.examples import make_history


def written(folder: Path, *lines: str) -> Path:
    path = folder / "a.inter"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rows_are_text_and_columns_have_a_type(tmp_path: Path) -> None:
    path = written(tmp_path, "user_id:token\tnote:token_seq", '007\t"Brazil', "NA\t")
    table, types = read_atomic_file(path, "\t", "utf-8")
    assert types == {"user_id": "token", "note": "token_seq"}
    assert table["user_id"].tolist() == ["007", "NA"]
    assert table["note"].tolist() == ['"Brazil', ""]


def test_a_line_with_more_fields_than_the_header_is_an_error_for_reviews_too(tmp_path: Path) -> None:
    path = written(tmp_path, "user_id:token\titem_id:token\treview:token_seq", "ann\ta\tgood\tmore")
    with pytest.raises(DataError, match="line 2: there are more fields than the header names columns"):
        read_atomic_file(path, "\t", "utf-8")
    file = ReviewFile(path, "user_id", "item_id", None, "\t", "utf-8", None)
    with pytest.raises(DataError, match="line 2: there are more fields than the header names columns"):
        with_reviews(make_history({"ann": ["a"]}, ("", "a")), file)
