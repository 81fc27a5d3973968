"""Files of explanations and references: what is read, and what is said of what cannot be."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recbole_curec.errors import CURecError
from recbole_curec.evaluation.explanations import Columns, explanations_of, read_table, references_of
from tests.sentences import is_one_sentence

XREC = {
    "uid": 4748, "iid": 1247, "title": "A", "user_summary": "b", "item_summary": "c", "explanation": "They like  it.",
}  # fmt: skip


def test_somebody_elses_json_lines_are_read_with_their_usual_names(tmp_path: Path) -> None:
    path = tmp_path / "xrec.jsonl.gz"
    path.write_bytes(gzip.compress((json.dumps(XREC) + "\n").encode()))
    assert explanations_of("xrec", read_table(path)).texts == {("4748", "1247"): "They like it."}


def test_columns_can_be_named_and_ids_are_text(tmp_path: Path) -> None:
    path = tmp_path / "set.parquet"
    pd.DataFrame({"who": [7.0, 8.0], "item": np.array([1, 2]), "reason": ["a b", "c"]}).to_parquet(path)
    found = explanations_of("set", read_table(path), Columns(user="who"))
    assert found.texts == {("7", "1"): "a b", ("8", "2"): "c"}


def test_a_pair_can_have_several_references_and_features() -> None:
    rows = [("u", "i", "one", "long battery, screen"), ("u", "i", "two", ["case"]), ("u", "j", "three", None)]
    found = references_of("file", pd.DataFrame(rows, columns=["user", "item", "text", "features"]))
    assert found.texts == {("u", "i"): ("one", "two"), ("u", "j"): ("three",)}
    assert found.features == {("u", "i"): {"long battery", "screen", "case"}, ("u", "j"): frozenset()}
    plain = references_of("file", pd.DataFrame(rows, columns=["user", "item", "text", "more"]))
    assert plain.features is None
    empty = pd.DataFrame(rows[2:], columns=["user", "item", "text", "features"])
    assert references_of("file", empty).features is None
    assert references_of("file", empty).note == "references from file, whose column 'features' is empty"
    with pytest.raises(CURecError, match="file: column 'features' holds no features: give one with texts"):
        references_of("file", empty, Columns(features="features"))


@pytest.mark.parametrize("columns", [Columns(), Columns(features="features")])
@pytest.mark.parametrize("value", [["plot", None], [["plot", "good"]], 7, 1.5, True, {"plot": 1}, [1, 2], b"plot"])
def test_what_is_no_features(value: Any, columns: Columns) -> None:
    rows = [("u", "i", "one", "plot"), ("u", "j", "two", value)]
    table = pd.DataFrame(rows, columns=["user", "item", "text", "features"], dtype=object)
    with pytest.raises(CURecError, match=re.escape(f"file, row 2: column 'features' holds {value!r}, which")) as error:
        references_of("file", table, columns)
    assert is_one_sentence(error.value)


def test_a_comma_alone_separates_features_and_only_within_a_text() -> None:
    rows = [("u", "i", "one", "plot; good, cast"), ("u", "j", "two", ("a, b",)), ("u", "k", "three", float("nan"))]
    found = references_of("file", pd.DataFrame(rows, columns=["user", "item", "text", "features"]))
    assert found.features == {("u", "i"): {"plot; good", "cast"}, ("u", "j"): {"a, b"}, ("u", "k"): frozenset()}


@pytest.mark.parametrize("name", ["set.json", "set.json.gz"])
def test_a_json_list_may_be_gzipped(tmp_path: Path, name: str) -> None:
    content = ("\ufeff" + json.dumps([XREC, {**XREC, "uid": 1}], indent=1)).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert list(explanations_of("set", read_table(tmp_path / name)).texts) == [("4748", "1247"), ("1", "1247")]


def test_gzipped_json_lines_may_be_called_json(tmp_path: Path) -> None:
    path = tmp_path / "set.json.gz"
    path.write_bytes(gzip.compress((json.dumps(XREC) + "\n").encode()))
    assert list(explanations_of("set", read_table(path)).texts) == [("4748", "1247")]


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        ([{"user": 1, "item": 2}], {}, "set has none of the columns text, reason, explanation: its columns are"),
        ([{"user": 1, "item": 2, "text": "a"}], {"text": "txt"}, "set has no column 'txt' (nearest: 'text')"),
        ([{"user": 1, "item": 2, "text": " "}], {}, "set, row 1: column 'text' holds ' ' and no text"),
        ([{"user": 1, "item": 2, "text": None}], {}, "set, row 1: column 'text' holds None and no text"),
        ([{"user": 1.5, "item": 2, "text": "a"}], {}, "set, row 1: column 'user' holds 1.5, which is no id"),
        ([{"user": True, "item": 2, "text": "a"}], {}, "set, row 1: column 'user' holds True, which is no id"),
        ([{"user": "u", "item": "", "text": "a"}], {}, "set, row 1: column 'item' holds '', which is no id"),
        ([{"user": "u", "item": 2, "text": "a\ud83d"}], {}, "set, row 1: column 'text' holds 'a\\ud83d', in which"),
        ([{"uid": "\udc00", "item": 2, "text": "a"}], {}, "set, row 1: column 'uid' holds '\\udc00', in which half"),
        (
            [{"user": 1, "item": 2, "text": "a"}, {"user": "1", "item": 2, "text": "b"}],
            {},
            "set: 1 pair explained more than once (the first: user '1', item '2'): keep one explanation per pair",
        ),
    ],
)  # fmt: skip
def test_what_is_no_set_of_explanations(rows: list[dict[str, Any]], columns: dict[str, str], said: str) -> None:
    with pytest.raises(CURecError, match=re.escape(said)) as error:
        explanations_of("set", pd.DataFrame(rows, dtype=object), Columns(**columns))
    assert is_one_sentence(error.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("set.csv", b"user", "is no table: give a file that ends in .parquet"),
        ("gone.jsonl", None, "There is no file"),
        ("set.parquet", b"no", "is no Parquet file"),
        ("set.jsonl", b"\n", "holds no rows"),
        ("set.jsonl", b"{", "line 1 is no JSON"),
        (
            "set.json",
            b'{"user": 1}\n{"user": 2}\n',
            "if each line holds one object, rename it to end in .jsonl, otherwise",
        ),
        (
            "set.json",
            b'{"user": 1}\n',
            "is one object and no list of objects: if each line holds one object, rename it",
        ),
        ("set.json.gz", gzip.compress(b'[{"user": 1}\n', mtime=0), "rename it to end in .jsonl.gz, otherwise"),
        ("set.json.gz", gzip.compress(b'[{"user": 1}]', mtime=0)[:-9], "the gzip file is cut off or damaged"),
        ("set.json", b"\xff", "set.json' is not UTF-8: save it as UTF-8"),
        ("set.jsonl.gz", gzip.compress(b'{"user": 1}\n', mtime=0)[:-9], "the gzip file is cut off or damaged"),
    ],
)
def test_what_is_no_file_of_explanations(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CURecError, match=re.escape(said)):
        read_table(tmp_path / name)
