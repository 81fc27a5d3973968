from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.data.prepare.amazon import AmazonSource
from recbole_curec.data.prepare.source import RawItem, RawReview
from recbole_curec.errors import DataError
from tests.data.prepare.raw_files import review, write_lines

SOURCE = AmazonSource()


def test_reviews_of_2014_and_2018(tmp_path: Path) -> None:
    rows = [review("u1", "i1", 5.0, 100), review("u2", "i2", 3, 90, style={"Size:": " L"})]
    del rows[1]["reviewText"], rows[1]["summary"]
    found = list(SOURCE.reviews(write_lines(tmp_path / "r.json", rows)))
    assert found == [
        RawReview("u1", "i1", 5.0, 100.0, "Nice", "Works well."),
        RawReview("u2", "i2", 3.0, 90.0, "", ""),
    ]


def test_reviews_of_2023_have_times_in_milliseconds(tmp_path: Path) -> None:
    row = {
        "rating": 4.0, "title": "Nice", "text": "Works well.", "asin": "variant", "parent_asin": "i1", "user_id": "u1",
        "timestamp": 1588687728923, "helpful_vote": 0,
    }  # fmt: skip
    found = list(SOURCE.reviews(write_lines(tmp_path / "r.jsonl", [row])))
    assert found == [RawReview("u1", "i1", 4.0, 1588687728.923, "Nice", "Works well.")]


def test_a_rating_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.json", [review(), review(rating="five stars")])
    with pytest.raises(DataError, match=r"r\.json, line 2: overall is 'five stars': it must be a finite number"):
        list(SOURCE.reviews(path))


def test_another_file_is_told_by_its_keys(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.json", [{"stars": 5, "business_id": "b", "text": "Good"}])
    with pytest.raises(DataError) as error:
        list(SOURCE.reviews(path))
    for part in ("line 1 is no review of --source=amazon", "reviewerID, asin, overall", "stars, business_id, text"):
        assert part in str(error.value)
    with pytest.raises(DataError, match="it has none;"):
        list(SOURCE.reviews(write_lines(path, ["{}"])))


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        ({"asin": "i", "title": "Heat", "year": 1995}, {"title": "Heat", "year": "1995"}),
        (
            {"asin": "i", "title": "", "category": ["Toys & Games", "Puzzles"], "description": ["One.", "", "Two."]},
            {"category": ["Toys & Games", "Puzzles"], "description": "One. Two."},
        ),
        (
            {"asin": "i", "categories": [["Music", "Strings"], ["Music", "Picks"]], "description": "Old."},
            {"category": ["Music", "Strings", "Music", "Picks"], "description": "Old."},
        ),
        ({"asin": "x", "parent_asin": "i", "store": "Fender", "title": None}, {"brand": "Fender"}),
        ({"asin": "i", "brand": "Fender", "store": "Shop"}, {"brand": "Fender"}),
    ],
)
def test_metadata_of_all_years(tmp_path: Path, row: dict[str, Any], texts: dict[str, Any]) -> None:
    (found,) = SOURCE.items(write_lines(tmp_path / "meta.json", [row]))
    assert found == RawItem(
        "i", {**dict.fromkeys(("title", "year", "brand", "description"), ""), "category": []} | texts
    )


def test_reviews_are_no_metadata(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.json", [review(title="A headline, and no name of an item")])
    with pytest.raises(DataError, match=r"is no metadata .* it has reviewerID, asin, overall"):
        list(SOURCE.items(path))
