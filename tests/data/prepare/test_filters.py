"""The filters, in their order, with what is left after each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.data.prepare.prepare import prepare
from recbole_curec.data.prepare.report import describe
from recbole_curec.data.prepare.request import Request
from recbole_curec.data.prepare.source import SourceOptions
from recbole_curec.errors import CURecError

# user, item, rating, time; a rating may be missing
ROWS = """\
u,i,r,t
a,x,5,10
a,x,2,30
a,y,4,20
b,x,,20
b,y,5,20
b,z,3,40
c,x,4,5
"""


@pytest.fixture
def asked(tmp_path: Path) -> Request:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    options = SourceOptions(columns="user=u,item=i,rating=r,time=t")
    return Request("table", path, None, "toy", tmp_path / "data", options=options)


def written(request: Request) -> list[str]:
    prepare(request)
    rows = request.path("inter").read_text(encoding="utf-8").splitlines()[1:]
    return [" ".join(row.split("\t")) for row in rows]


def test_every_step_is_counted(asked: Request) -> None:
    request = replace(asked, since=10.0, before=40.0, min_rating=4.0, k_core=1)
    assert written(request) == ["a y 4 20", "b y 5 20"]
    record = prepare(request).record
    steps = [(step["step"], step["reviews"], step["users"], step["items"]) for step in record["steps"]]
    # The window takes b-z and c-x; b-x is not rated; a-x was rated again, and the last rating is too low.
    assert steps == [
        ("read", 7, 3, 3), ("window", 5, 2, 2), ("unrated", 4, 2, 2), ("duplicates", 3, 2, 2), ("min_rating", 2, 2, 1),
        ("k_core", 2, 2, 1),
    ]  # fmt: skip
    dropped = {name: count for name, count in record["counts"].items() if name.endswith("_dropped")}
    assert dropped == {
        "window_dropped": 2, "unrated_dropped": 1, "duplicates_dropped": 1, "rating_dropped": 1,
        "k_core_reviews_dropped": 0, "k_core_users_dropped": 0, "k_core_items_dropped": 0,
    }  # fmt: skip
    assert record["arguments"] == {
        "k_core": 1, "duplicates": "last", "since": 10.0, "before": 40.0, "min_rating": 4.0,
        "columns": "user=u,item=i,rating=r,time=t",
    }  # fmt: skip
    said = describe(prepare(request)).splitlines()
    assert said[1:5] == [
        "dropped outside of the time window since 1970-01-01 before 1970-01-01: 2",
        "dropped without a rating: 1",
        "dropped as further interactions of an item by its user: 1",
        "dropped below a rating of 4: 1",
    ]


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        ({"duplicates": "all"}, ["c x 4 5", "a x 5 10", "a y 4 20", "b y 5 20", "a x 2 30", "b z 3 40"]),
        ({"duplicates": "first", "min_rating": 5.0}, ["a x 5 10", "b y 5 20"]),
        ({"unrated": "keep", "since": 20.0}, ["a y 4 20", "b x  20", "b y 5 20", "a x 2 30", "b z 3 40"]),
    ],
)
def test_what_each_filter_keeps(asked: Request, more: dict[str, Any], rows: list[str]) -> None:
    assert written(replace(asked, **more)) == rows


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"since": 41.0}, r"the time window since 1970-01-01 leaves none of the 7 reviews of .*: their times are "),
        (
            {"min_rating": 6.0},
            r"min_rating=6 leaves none of the 5 reviews .*: the highest is 5: give a lower number\.$",
        ),
        # c has one item and z one user; without them b and x have too few, and then nobody has enough.
        ({"k_core": 2}, r"k_core=2 leaves none of the 5 reviews .*: give a lower number, or 0 to keep them all\.$"),
        ({"since": 5.0, "before": 5.0}, "leave no time: the first must be earlier"),
        ({"since": float("nan")}, "since=nan cannot be used: give a finite number"),
        ({"unrated": "zero"}, "unrated='zero' cannot be used: .* give drop or keep"),
        ({"options": SourceOptions(columns="user=u,item=i,time=t"), "min_rating": 2.0}, "gives no rating for"),
        ({"options": SourceOptions(columns="user=u,item=i"), "before": 2.0}, "gives no timestamp for"),
        ({"source": "yelp"}, r"columns says nothing with --source=yelp: leave it out \(it belongs to table\)\.$"),
    ],
)
def test_what_cannot_be(asked: Request, more: dict[str, Any], message: str) -> None:
    with pytest.raises(CURecError, match=message):
        prepare(replace(asked, **more))
    assert not asked.folder.exists()


def test_no_rating_at_all(asked: Request) -> None:
    asked.reviews.write_text("u,i,r,t\na,x,,1\n", encoding="utf-8")
    with pytest.raises(CURecError, match=r"unrated=drop leaves none of the 1 reviews of .*: give --unrated=keep\.$"):
        prepare(asked)
    assert written(replace(asked, unrated="keep")) == ["a x 1"]  # no column of ratings


def test_ratings_on_no_scale_are_not_counted_one_by_one(asked: Request) -> None:
    asked.reviews.write_text("u,i,r,t\n" + "".join(f"u{n},i,{n + 0.5},1\n" for n in range(101)), encoding="utf-8")
    prepared = prepare(asked)
    assert prepared.record["counts"]["rating_range"] == ["0.5", "100.5"]
    assert "ratings: 0.5 to 100.5" in describe(prepared)
