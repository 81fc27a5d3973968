"""Reading of sets of explanations: what is accepted, and the sentence for what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recbole_curec.errors import CURecError, DataError
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


@pytest.mark.parametrize("kind", [json.dumps, dict], ids=["JSON", "object"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 5}, r"target=5: Input should be a valid string"),
        ({"target": None}, r"target=None: Input should be a valid string"),
        ({"history": [1, 2]}, r"history\.0=1: Input should be a valid string"),
        ({"history": None}, r"history=None: Input should be a valid array"),
        ({"history": "Alien"}, r"history='Alien': Input should be a valid array"),
        ({"attributes": [1]}, r"attributes\.0=1: Input should be a valid string"),
        ({"position": "3"}, r"position='3': Input should be a valid integer"),
        ({"user": 7}, r"user=7: Input should be a valid string"),
        ({"facts": [{"kind": "similar", "name": "Up", "count": "5", "strength": 0.5}]}, r"facts\.0\.count='5': "),
        ({"facts": [{"kind": "rumour", "name": "Up", "count": 5, "strength": 0.5}]}, r"facts\.0\.kind='rumour': "),
        ({"facts": [{"kind": "similar"}]}, r"facts\.0\.name: Field required"),
        ({"excerpts": [{"name": "Up", "text": 1}]}, r"excerpts\.0\.text=1: "),
        ({"statements": "said"}, r"statements='said': "),
        ({"mood": "good"}, r".*unexpected keyword argument 'mood'"),
    ],
)
def test_evidence_of_wrong_types_is_an_error_that_names_row_and_field(
    kind: Callable[[dict[str, Any]], Any], change: dict[str, Any], message: str
) -> None:
    table = tables(2)["personal"]
    table["evidence"] = [table["evidence"][0], kind({**json.loads(json.dumps(evidence(1).record())), **change})]
    with pytest.raises(DataError, match=rf"^a, row 2: the column 'evidence' is not as .* \({message}.*rename it\.$"):
        read_explanations(table, "a")


@pytest.mark.parametrize("value", [5, True, ["Alien"], "[]", "null", "5"])
def test_evidence_that_is_no_object_is_an_error(value: Any) -> None:
    with pytest.raises(DataError, match="a, row 1: the column 'evidence' is not as this package writes it"):
        read_explanations(pd.DataFrame([{**ROW, "evidence": value}]), "a")


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA])
def test_evidence_may_be_missing(value: Any) -> None:
    assert read_explanations(pd.DataFrame([{**ROW, "evidence": value}]), "a").evidence == {}


def test_evidence_within_parquet_is_read(tmp_path: Path) -> None:
    table = tables(2)["personal"]
    table["evidence"] = [{**json.loads(text), "attributes": ["Crime"]} for text in table["evidence"]]
    table.to_parquet(tmp_path / "a.parquet")
    assert read_explanations(tmp_path / "a.parquet", "a").evidence["u1", "i1"] == replace(
        evidence(1), attributes=("Crime",)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"user": "u9"}, "is about user 'u9', and the row about 'u1': give every row its own evidence"),
        ({"item": "i0"}, "is about item 'i0', and the row about 'i1': give every row its own evidence"),
    ],
)
def test_evidence_of_another_pair_is_an_error(change: dict[str, str], message: str) -> None:
    table = tables(2)["personal"]
    table.loc[1, "evidence"] = json.dumps({**evidence(1).record(), **change})
    with pytest.raises(DataError, match=f"a, row 2: the column 'evidence' {message}"):
        read_explanations(table, "a")


def test_a_reason_may_be_written_for_another_user_that_its_row_names() -> None:
    table = tables(2)["personal"].assign(written_for=["u0", "u9"])
    table.loc[1, "evidence"] = json.dumps({**evidence(1).record(), "user": "u9"})
    assert read_explanations(table, "a").evidence["u1", "i1"].user == "u9"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "x", r"give a file that ends in \.parquet, \.jsonl"),
        ("a.json", "{", "is no JSON"),
        ("a.json", json.dumps({"user": "u"}), "is one object and no list of objects"),
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
