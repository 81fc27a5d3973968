from __future__ import annotations

import gzip
import random
import re
from pathlib import Path

import pytest

from recbole_curec.data.lines import MOST_CHARACTERS
from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.errors import DataError
from tests.data.prepare.raw_files import write_lines


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["rows.json", "rows.json.gz"])
def test_objects_come_with_their_lines_whatever_the_file_is_called(tmp_path: Path, name: str, packed: bool) -> None:
    path = write_lines(tmp_path / name, [{"a": 1}, "", {"a": "é"}], packed=packed)
    assert list(json_lines(path)) == [(1, {"a": 1}), (3, {"a": "é"})]


def test_line_endings_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}')
    assert list(json_lines(path)) == [(1, {"a": 1}), (2, {"a": 2})]


def test_a_python_literal_is_read_and_never_run(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "meta.json", ["{'asin': 'i1', 'title': \"Bob's Pick\", 'brand': None}"])
    assert list(json_lines(path)) == [(1, {"asin": "i1", "title": "Bob's Pick", "brand": None})]
    write_lines(path, ["{'asin': __import__('os').getcwd()}"])
    with pytest.raises(DataError, match="line 1 is no JSON"):
        list(json_lines(path))


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('{"a": 1', ("line 2 is no JSON", "column", '{"a": 1', "correct or remove")),
        ('{"a": 1} {"a": 2}', ("line 2 is no JSON", "Extra data")),
        ("[1, 2]", ("line 2 holds [1, 2]", "no JSON object", "one object per line")),
        ("7", ("line 2 holds 7",)),
        ('{"a": ' + "[" * 100_000, ("line 2 is no JSON",)),
        ('{"a": ' + "1" * 5_000 + "}", ("line 2 is no JSON",)),
    ],
)
def test_a_line_that_is_no_object_is_named(tmp_path: Path, line: str, parts: tuple[str, ...]) -> None:
    path = write_lines(tmp_path / "rows.json", [{"a": 1}, line])
    with pytest.raises(DataError) as error:
        list(json_lines(path))
    for part in (str(path), *parts):
        assert part in str(error.value)
    assert len(str(error.value)) < 500


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes('{"a": 1}\n{"a": "é"}\n'.encode("latin-1"))
    with pytest.raises(DataError, match=r"rows\.json, line 2: the text is not UTF-8: save the file as UTF-8\.$"):
        list(json_lines(path))


def test_a_gzip_file_that_is_cut_off_or_damaged(tmp_path: Path) -> None:
    rows = [{"number": number, "text": random.Random(number).random()} for number in range(2_000)]
    path = write_lines(tmp_path / "rows.json.gz", rows, packed=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as error:
        list(json_lines(path))
    assert re.search(r"rows\.json\.gz, after line \d+: the gzip file is cut off or damaged", str(error.value))
    assert "copy or download it again." in str(error.value)
    path.write_bytes(whole[:-8] + bytes(4) + whole[-4:])  # another checksum
    with pytest.raises(DataError, match=r"after line 2000: the gzip file is cut off or damaged \(CRC check failed"):
        list(json_lines(path))


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "rows.json.gz"
    path.write_bytes(gzip.compress(b"[" + b" " * MOST_CHARACTERS * 2))
    with pytest.raises(DataError, match="line 1: the line has more than"):
        list(json_lines(path))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no file: give the path"):
        list(json_lines(tmp_path))
