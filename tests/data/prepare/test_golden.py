"""Every format of raw files, from a file written by hand to the atomic files, byte by byte."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from recbole_curec.data.prepare.prepare import Prepared, prepare
from recbole_curec.data.prepare.report import describe
from recbole_curec.data.prepare.request import Request
from recbole_curec.data.prepare.source import SOURCES, SourceOptions
from tests.data.prepare.golden import CASES, Case


def request_for(case: Case, folder: Path) -> Request:
    """Writes the raw files of a case; gives the request to make a data set of them."""

    def written(name: str, text: str) -> Path:
        path = folder / name
        content = text.encode(case.encoding)
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    options = dict(case.options)
    further = {name: options.pop(name) for name in ("unrated",) if name in options}
    files = {name: written(name, text) for name in ("tags", "authors") if (text := getattr(case, name)) is not None}
    return Request(
        case.source,
        written(*case.reviews),
        written(*case.items) if case.items else None,
        "toy",
        folder / "data",
        options=SourceOptions(**options, **files),
        **further,
    )


def made(case: Case, folder: Path) -> Prepared:
    return prepare(request_for(case, folder))


@pytest.mark.parametrize("name", list(CASES))
def test_atomic_files(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    prepared = made(case, tmp_path)
    # A bar within a text is written as a slash, so that every bar of the case is a tab.
    assert prepared.request.path("inter").read_text(encoding="utf-8") == case.inter.replace("|", "\t")
    assert prepared.request.path("item").read_text(encoding="utf-8") == case.item.replace("|", "\t")
    counts = prepared.record["counts"]
    assert {key: counts[key] for key in case.counts} == case.counts
    end = f"next: python run_curec.py {case.next} --dataset=toy --data_path={tmp_path / 'data'}"
    assert describe(prepared).splitlines()[-1] == end


def test_every_source_has_a_case() -> None:
    assert {case.source for case in CASES.values()} == set(SOURCES.entries())
