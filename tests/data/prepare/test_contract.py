"""What every raw source keeps to, tried on the files written by hand."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from recbole_curec.data.atomic_file import TEXT_TYPES, TYPES, read_atomic_file
from recbole_curec.data.prepare.prepare import prepare
from recbole_curec.data.prepare.request import Request
from recbole_curec.data.prepare.source import COLUMNS, SOURCES, RawSource, SourceOptions
from recbole_curec.errors import CURecError, DataError
from tests.data.prepare.golden import CASES, Case
from tests.data.prepare.test_golden import request_for

# Sources that are told by the names of fields, and files that have names.
NAMED = {name: case for name, case in CASES.items() if case.source != "table"}
WITH_NAMES = {name: case for name, case in NAMED.items() if name not in ("MOVIELENS_100K", "MOVIELENS_1M")}


def source_of(request: Request) -> RawSource:
    found = SOURCES.find(request.source)
    source: RawSource = found(request.options) if found.reads else found()
    return source


def refused(request: Request) -> str:
    """The sentence with which a request ends, after which nothing is there that was not there before."""
    before = sorted(request.folder.parent.iterdir())
    with pytest.raises(CURecError) as error:
        prepare(request)
    assert sorted(request.folder.parent.iterdir()) == before
    return str(error.value)


@pytest.mark.parametrize("name", list(CASES))
def test_what_a_source_gives_is_what_it_says(name: str, tmp_path: Path) -> None:
    request = request_for(CASES[name], tmp_path)
    source = source_of(request)
    assert source.name == request.source
    assert set(source.item_columns.values()) <= set(TEXT_TYPES)
    assert "item_id" not in source.item_columns
    assert set(source.reads) <= set(vars(SourceOptions()))
    columns = source.columns(request.reviews)
    assert {columns[column] for column in columns} <= set(TYPES)
    assert all(columns[column] == kind for column, kind in COLUMNS.items() if column in columns)
    reviews = list(source.reviews(request.reviews))
    assert reviews
    for review in reviews:
        assert len(review.more) == len(columns.keys() - COLUMNS.keys())
        assert (review.time is not None) == ("timestamp" in columns)
        assert not review.summary or "summary" in columns
        assert not review.review or "review" in columns
    items = list(source.items(request.items)) if request.items else []
    assert all(set(item.texts) <= set(source.item_columns) for item in items)
    prepare(request)
    table = read_atomic_file(request.path("inter"), "\t", "utf-8")
    assert set(table.ids("user_id")) <= {review.user for review in reviews}
    assert set(table.ids("item_id")) == set(read_atomic_file(request.path("item"), "\t", "utf-8").ids("item_id"))


@pytest.mark.parametrize("name", list(CASES))
def test_a_gzip_file_that_is_cut_off(name: str, tmp_path: Path) -> None:
    request = request_for(CASES[name], tmp_path)
    for option, path in request.raw_files().items():
        whole = path.read_bytes()
        content = gzip.decompress(whole) if path.suffix == ".gz" else whole
        path.write_bytes(gzip.compress(content)[:-9])
        assert f"{path}, after line " in (said := refused(request)), option
        assert "the gzip file is cut off or damaged" in said
        path.write_bytes(whole)
    assert prepare(request).is_new


@pytest.mark.parametrize("name", list(CASES))
@pytest.mark.parametrize("broken", ['{"half": ', "one field alone", '{"colour": "red"}'])
def test_a_broken_line_is_named_by_its_number(name: str, broken: str, tmp_path: Path) -> None:
    case = replace(CASES[name], reviews=(CASES[name].reviews[0], CASES[name].reviews[1] + broken + "\n"))
    assert f", line {case.reviews[1].count(chr(10))}" in refused(request_for(case, tmp_path))


@pytest.mark.parametrize("name", [entry for entry in SOURCES.entries() if entry != "table"])
def test_a_file_of_another_kind_is_told_by_what_it_has(name: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"colour": "red", "size": 3}\n', encoding="utf-8")
    source: RawSource = SOURCES.find(name)()
    for read in (source.reviews, source.items):
        with pytest.raises(DataError, match=r"line 1 is no .* needs the keys .* missing\): it has colour, size; give"):
            list(read(wrong))
        with pytest.raises(DataError, match="is no file"):
            list(read(tmp_path / "missing.json"))


@pytest.mark.parametrize("theirs", list(WITH_NAMES))
@pytest.mark.parametrize("name", sorted({case.source for case in NAMED.values()}))
def test_the_source_that_would_fit_is_named(name: str, theirs: str, tmp_path: Path) -> None:
    case: Case = CASES[theirs]
    if case.source == name:
        pytest.skip("it fits")
    request = request_for(replace(case, items=None, tags=None, authors=None, options={}), tmp_path)
    said = refused(replace(request, source=name))
    assert f"line 1 is no review of --source={name}" in said
    assert said.endswith(
        f"these are keys of reviews of --source={case.source}: give that source, and the file as --reviews."
    )


@pytest.mark.parametrize("name", [name for name, case in WITH_NAMES.items() if case.items])
def test_files_given_the_wrong_way_round(name: str, tmp_path: Path) -> None:
    request = request_for(CASES[name], tmp_path)
    assert request.items is not None
    said = refused(replace(request, reviews=request.items, items=None))
    assert said.endswith("these are keys of items: give it as --items, and the file of reviews here.")
    said = refused(replace(request, items=request.reviews))
    assert "line 1 is no metadata of" in said
    assert said.endswith("give it as --reviews, and the metadata file here, or leave --items out.")


def test_two_formats_in_one_file(tmp_path: Path) -> None:
    both = CASES["AMAZON_2018"].reviews[1] + CASES["AMAZON_2023"].reviews[1]
    said = refused(request_for(replace(CASES["AMAZON_2018"], reviews=("both.json", both)), tmp_path))
    assert "both.json, line 3 has the keys of reviews of --source=amazon (rating, title, text" in said
    assert said.endswith(
        "the lines before it have reviewerID, asin, overall, unixReviewTime: a file holds one format, so split it."
    )


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"PK\x03\x04", "a zip archive"), (b"BZh91AY", "packed with bzip2"), (b"PAR1", "a Parquet file"),
     (gzip.compress(bytes(257) + b"ustar", mtime=0), "a tar archive")],
    ids=["zip", "bzip2", "parquet", "tar"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["amazon", "movielens"])
def test_archives(name: str, start: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(start)
    said = refused(Request(name, path, None, "toy", tmp_path / "data"))
    assert said.startswith(f"'{path}' is {what}: ")
