"""Reading of sets of explanations: what is accepted, and the sentence for what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recbole_curec.errors import CURecError
from recbole_curec.evaluation.explanation_sets import read_explanations
from tests.evaluation.explained import evidence, tables, write_sets

ROW = {"user": "u", "item": "i", "text": "Good."}


def test_files_of_every_kind_and_tables_say_the_same(tmp_path: Path) -> None:
    parquet, lines = write_sets(tmp_path, 3)
    plain = tmp_path / "plain.json"
    plain.write_text(tables(3)["plain"].to_json(orient="records"))
    for source, name in ((parquet, "personal"), (lines, "plain"), (str(plain), "plain")):
        found, expected = read_explanations(source, name), read_explanations(tables(3)[name], name)
        assert found == expected
        assert list(found.texts) == [("u0", "i0"), ("u1", "i1"), ("u2", "i2")]
    assert read_explanations(parquet, "personal").evidence["u1", "i1"] == evidence(1)
    assert read_explanations(lines, "plain").evidence == {}


def test_ids_may_be_whole_numbers_and_texts_become_one_line() -> None:
    table = pd.DataFrame({"user": [7], "item": ["007"], "text": ["two\nlines \x1b[2J \u202eend"]})
    assert dict(read_explanations(table, "a").texts) == {("7", "007"): "two lines \\x1b[2J \\u202eend"}


def test_columns_may_have_their_usual_names() -> None:
    table = pd.DataFrame({"uid": ["u"], "iid": ["i"], "explanation": ["Good."]})
    assert dict(read_explanations(table, "xrec").texts) == {("u", "i"): "Good."}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROW, {**ROW, "text": "Other."}], "a: 1 pair explained more than once"),
        ([{"item": "i", "text": "x"}], "a has none of the columns user, user_id, uid"),
        ([{"user": "u", "item": "i"}], "a has none of the columns text, reason, explanation"),
        ([{**ROW, "text": " \n"}], "a, row 1: column 'text' holds .* and no text"),
        ([{**ROW, "text": None}], "column 'text' holds None and no text"),
        ([{**ROW, "user": 1.5}], r"column 'user' holds 1\.5, which is no id"),
        ([{**ROW, "user": ""}], "column 'user' holds '', which is no id"),
        ([{**ROW, "evidence": "{}"}], "the column 'evidence' is not as this package writes it"),
        ([{**ROW, "evidence": "no JSON"}], "the column 'evidence' is not as this package writes it"),
        ([], "a holds no explanation"),
    ],
)
def test_rows_that_cannot_be_used(rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(CURecError, match=message):
        read_explanations(pd.DataFrame(rows), "a")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "x", r"give a file that ends in \.parquet, \.jsonl"),
        ("a.json", "{", "is no JSON"),
        ("a.json", json.dumps({"user": "u"}), "is no list of objects"),
        ("a.jsonl", "[1]\n", "line 1"),
        ("a.parquet", "x", "is no Parquet file"),
        ("b.parquet", None, "There is no file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(CURecError, match=message):
        read_explanations(tmp_path / name, "a")
