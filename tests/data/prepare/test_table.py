"""Maps of columns, and tables that cannot be read by them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.data.prepare.source import SourceOptions
from recbole_curec.data.prepare.table import TableSource
from recbole_curec.errors import CURecError

MAP = "user=u,item=i,rating=r,time=t"


def read(path: Path, text: str, **options: Any) -> list[tuple[Any, ...]]:
    path.write_text(text, encoding="utf-8")
    source = TableSource(SourceOptions(**{"columns": MAP, **options}))
    source.check(path, None)
    return [review[:4] for review in source.reviews(path)]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("u,i,r,t\na,x,1,5\n", {}),
        ("t\tr\ti\tu\n5\t1\tx\ta\n", {}),
        ("u::i::r::t\na::x::1::5\n", {}),
        ("\ufeffu;i;r;t\r\n\r\na;x;1;5\r\n", {}),
        ("u|i|r|t\na|x|1|5\n", {"separator": "bar"}),
        ("u~i~r~t\na~x~1~5\n", {"separator": "~"}),
        ("a,x,1,5\n", {"header": False, "columns": "user=1,item=2,rating=3,time=4"}),
        ("u,i,r,t\na,x,1,5000\n", {"time_unit": "ms"}),
        ("u,i,r,t\na,x,1,1970-01-01T00:00:05Z\n", {}),
        ('{"u": "a", "i": "x", "r": 1, "t": 5}\n', {}),
    ],
)
def test_tables_of_all_kinds(text: str, options: dict[str, Any], tmp_path: Path) -> None:
    assert read(tmp_path / "rows", text, **options) == [("a", "x", 1.0, 5.0)]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {"columns": None}, r"^columns: user, item missing: give --columns=user=<column>,item=<column>\.$"),
        ("", {"columns": "user=u"}, "columns: item missing"),
        ("", {"columns": "user=u,user=v,item=i"}, "columns: user is given twice"),
        ("", {"columns": "user=u,item"}, "'item' is not of the form name=column"),
        ("", {"columns": "user=u,item=i,ratin=r"}, r"'ratin' is nothing that a column can hold \(nearest: 'rating'\)"),
        ("", {"time_unit": "min"}, "time_unit='min' cannot be used: give s, ms or us"),
        ("", {"item_columns": "item=i"}, "item_columns says nothing without --items"),
        ("u,i,r,when\na,x,1,5\n", {}, r"columns: .*rows has no column 't': it has u, i, r, when; correct --columns"),
        ("u i r t\na x 1 5\n", {}, r"has no column 'u': it has u i r t; correct --columns, or give --separator"),
        ("u,i,r,t,u\na,x,1,5,b\n", {}, "line 1: two columns are named 'u'"),
        ("u,i,r,t\na,x,1\n", {}, r"line 2 has 3 fields and not 4 \(u, i, r, t\): 'a,x,1'; correct or remove"),
        ('u,i,r,t\n"a\n,x,1,5\n', {}, "line 2: the row cannot be read"),
        ('u,i,r,t\n"a"b,x,1,5\n', {}, "line 2: the row cannot be read"),
        ("u,i,r,t\na,x,1,5\nb,x,1,2020-01-01\n", {}, "line 3: t is '2020-01-01': it must be a finite number"),
        ("u,i,r,t\na,x,1,2020-01-01\nb,x,1,5\n", {}, "line 3: t is '5': it must be a date"),
        ("u,i,r,t\na,x,good,5\n", {}, "line 2: r is 'good': it must be a finite number"),
        ('[{"u": "a"}]', {}, "is one JSON list: write one object per line"),
        ('{"u": "a", "i": "x"}\n', {"columns": "user=u,item=i,review=txt"}, "has no column 'txt': it has u, i;"),
        ('{"u": "a", "x": "x"}\n', {}, "line 1: there is no i: an id is"),
    ],
)
def test_what_cannot_be_read(text: str, options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(CURecError, match=message):
        read(tmp_path / "rows", text, **options)


def test_a_first_line_that_is_no_row(tmp_path: Path) -> None:
    with pytest.raises(CURecError, match=r"columns: .* has no column 'u': it has xxx"):
        read(tmp_path / "rows", "x" * 200_000 + ",y\n")


def test_a_quoted_review_longer_than_the_reader_takes_by_itself(tmp_path: Path) -> None:
    path, review = tmp_path / "rows", "word, " * 30_000
    path.write_text(f'u,i,r,t,text\na,x,1,5,"{review}"\n', encoding="utf-8")
    source = TableSource(SourceOptions(columns=f"{MAP},review=text"))
    limit = csv.field_size_limit()
    (found,) = source.reviews(path)
    assert review.strip() in str(found) and csv.field_size_limit() == limit
