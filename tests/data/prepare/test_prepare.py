from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from recbole_curec.data.atomic_file import read_atomic_file
from recbole_curec.data.label_lists import read_column
from recbole_curec.data.prepare import prepare as module
from recbole_curec.data.prepare.prepare import prepare
from recbole_curec.data.prepare.report import describe
from recbole_curec.data.prepare.request import Request
from recbole_curec.data.prepare.source import RawItem, RawReview, RawSource
from recbole_curec.errors import ConfigurationError, CURecError, DataError
from tests.data.prepare.raw_files import review, write_lines

HEADER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\tsummary:token_seq\treview:token_seq"


@pytest.fixture
def request_of(tmp_path: Path) -> Any:
    """Writes reviews and metadata; gives the request to make a data set of them."""

    def make(reviews: list[Any], items: list[Any] | None = None, **more: Any) -> Request:
        found = write_lines(tmp_path / "reviews.json", reviews)
        metadata = None if items is None else write_lines(tmp_path / "meta.json", items)
        return Request("amazon", found, metadata, "toy", tmp_path / "data", **more)

    return make


def lines(request: Request, ending: str = "inter") -> list[str]:
    return request.path(ending).read_text(encoding="utf-8").splitlines()


def test_rows_are_in_time_order_with_ties_as_in_the_file(request_of: Any) -> None:
    request = request_of([review("u2", "i1", 4.5, 300), review("u1", "i2", 1, 200), review("u1", "i1", 5, 200)])
    prepare(request)
    rest = "Nice\tWorks well."
    assert lines(request) == [HEADER, f"u1\ti2\t1\t200\t{rest}", f"u1\ti1\t5\t200\t{rest}", f"u2\ti1\t4.5\t300\t{rest}"]
    assert lines(request, "item") == ["item_id:token", "i1", "i2"]


@pytest.mark.parametrize(("keep", "rating"), [("last", "2"), ("first", "1")])
def test_of_several_reviews_of_a_pair_one_stays(request_of: Any, keep: str, rating: str) -> None:
    rows = [
        review("u1", "i1", 2, 300),
        review("u1", "i1", 3, 200),
        review("u1", "i1", 1, 100),
        review("u2", "i1", 5, 1),
    ]
    counts = prepare(request_of(rows, duplicates=keep)).record["counts"]
    assert counts["duplicates_dropped"] == 2
    assert counts["reviews"] == 2
    assert lines(request_of(rows))[2].split("\t")[2] == rating


def test_the_later_line_is_the_last_of_two_with_the_same_time(request_of: Any) -> None:
    request = request_of([review(rating=1), review(rating=2)])
    prepare(request)
    assert [row.split("\t")[2] for row in lines(request)[1:]] == ["2"]


def test_the_core_is_taken_after_duplicates(request_of: Any) -> None:
    pairs = [("u1", "i1"), ("u1", "i2"), ("u2", "i1"), ("u2", "i2"), ("u3", "i1"), ("u3", "i1"), ("u3", "i3")]
    request = request_of([review(user, item, 5, time) for time, (user, item) in enumerate(pairs)], k_core=2)
    counts = prepare(request).record["counts"]
    assert [row.split("\t")[:2] for row in lines(request)[1:]] == [list(pair) for pair in pairs[:4]]
    found = {name: count for name, count in counts.items() if name.startswith("k_core")}
    assert found == {
        "k_core_rounds": 2, "k_core_reviews_dropped": 2, "k_core_users_dropped": 1, "k_core_items_dropped": 1
    }  # fmt: skip
    assert counts["reviews_read"] == counts["duplicates_dropped"] + counts["k_core_reviews_dropped"] + counts["reviews"]
    assert lines(request, "item") == ["item_id:token", "i1", "i2"]


def test_texts_are_cleaned_and_empty_ones_are_kept_and_counted(request_of: Any) -> None:
    texts = ["Says &quot;Ouch&quot;<br />twice\nand\tagain, I <3 it", "<p> </p>", "", '"quoted"', None]
    rows = [review(item=f"i{k}", time=k, reviewText=text, summary="") for k, text in enumerate(texts)]
    request = request_of(rows)
    counts = prepare(request).record["counts"]
    found = read_atomic_file(request.path("inter"), "\t", "utf-8").texts("review").tolist()
    assert found == ["Says 'Ouch' twice and again, I (3 it", "", "", "'quoted'", ""]
    assert counts["empty_reviews"] == 3
    assert counts["empty_summaries"] == 5
    assert counts["texts_with_html"] == 2
    assert counts["reviews"] == 5


def test_the_projects_reader_gives_back_what_was_written(request_of: Any) -> None:
    rows = [
        review("NA", "007", 3.5, 1588687728.923, reviewText='"', summary='"a"\tb'),
        review("null", "1e5", 10, 2**53),
    ]
    items = [{"asin": "007", "title": '"Heat"', "category": ["Toys & Games", 'Men"s', "Puzzles, hard"]}]
    request = request_of(rows, items)
    prepare(request)
    table = read_atomic_file(request.path("inter"), "\t", "utf-8")
    assert table.ids("user_id").tolist() == ["NA", "null"]
    assert table.ids("item_id").tolist() == ["007", "1e5"]
    assert table.numbers("rating", complete=True).tolist() == [3.5, 10.0]
    assert table.numbers("timestamp", complete=True).tolist() == [1588687728.923, 2.0**53]
    assert table.texts("summary").tolist() == ["'a' b", "Nice"]
    item_table = read_atomic_file(request.path("item"), "\t", "utf-8")
    assert item_table.types == {"item_id": "token", "title": "token_seq", "category": "token"}
    assert item_table.texts("title").tolist() == ["'Heat'", ""]
    labels, _ = read_column("category", item_table.texts("category").tolist(), None)
    assert labels == [("Toys & Games", "Men's", "Puzzles, hard"), ()]


def test_metadata_is_counted_and_items_without_a_review_have_no_row(request_of: Any) -> None:
    items = [{"asin": "i1", "title": "One &amp; only"}, {"asin": "i1", "title": "Again"}, {"asin": "i9", "brand": "B"}]
    request = request_of([review(item="i1"), review(item="i2")], items)
    counts = prepare(request).record["counts"]
    assert lines(request, "item") == ["item_id:token\ttitle:token_seq", "i1\tOne & only", "i2\t"]
    assert counts["metadata_read"] == 3
    assert counts["metadata_repeated"] == 1
    assert counts["metadata_of_items_without_a_review"] == 1
    assert counts["items_without_metadata"] == 1
    assert counts["items_with"] == {"title": 1}


def test_ratings_and_ties_are_counted(request_of: Any) -> None:
    times = [("i1", 10, 1), ("i2", 9.5, 1), ("i3", 10, 2)]
    counts = prepare(request_of([review("u", item, rating, time) for item, rating, time in times])).record["counts"]
    assert counts["ratings"] == {"9.5": 1, "10": 2}
    assert counts["reviews_without_own_time"] == 2


@pytest.mark.parametrize(
    ("rows", "more", "message"),
    [
        ([review(), review(item="i2", rating="good")], {}, "line 2: overall is 'good'"),
        ([review(), '{"reviewerID": '], {}, "line 2 is no JSON"),
        ([review(), {"reviewerID": "u2", "asin": "i", "overall": 5}], {}, "line 2: there is no unixReviewTime"),
        ([], {}, "holds no review"),
        ([review()], {"k_core": 2}, "k_core=2 leaves none of the 1 reviews"),
        ([review()], {"k_core": -1}, "k_core=-1 cannot be used"),
        ([review()], {"duplicates": "keep"}, "duplicates='keep' cannot be used"),
        ([review()], {"source": "yelb"}, r"'yelb' is no raw source \(nearest: 'yelp'\)"),
        ([review()], {"dataset": "../toy"}, r"dataset='../toy' cannot be used"),
        ([review()], {"dataset": ""}, "dataset='' cannot be used"),
        ([review()], {"items": Path("missing.json")}, "items: 'missing.json' is no file"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_written(
    request_of: Any, rows: list[Any], more: dict[str, Any], message: str
) -> None:
    request = replace(request_of(rows), **more)
    with pytest.raises(CURecError, match=message):
        prepare(request)
    assert not request.folder.exists()


def test_a_wrong_metadata_file_leaves_nothing_behind(request_of: Any) -> None:
    request = request_of([review()], [{"asin": "i1"}, {"title": "No id"}])
    with pytest.raises(DataError, match=r"meta\.json, line 2: there is no asin"):
        prepare(request)
    assert not request.folder.exists()


def test_a_failure_while_writing_leaves_the_old_files(request_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(request_of([review()]))
    request = request_of([review(rating=1)])
    before = {path: path.read_bytes() for path in request.target.iterdir()}
    calls: list[Path] = []

    def fail(path: Path, *_: Any) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(5, "Input/output error", str(path))
        path.write_text("half")

    monkeypatch.setattr(module, "write_rows", fail)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        prepare(request, overwrite=True)
    assert len(calls) == 2
    assert {path: path.read_bytes() for path in request.target.iterdir()} == before


def test_the_same_data_set_is_not_written_again_and_another_one_not_replaced(request_of: Any) -> None:
    request = request_of([review()], [{"asin": "i1", "title": "One"}])
    first = prepare(request)
    assert first.is_new
    changed = request.path("inter").stat().st_mtime_ns
    again = prepare(request)
    assert not again.is_new
    assert again.record == first.record
    assert request.path("inter").stat().st_mtime_ns == changed
    assert "the same data set was there already" in describe(again)
    for other in (replace(request, items=None), replace(request, k_core=1), replace(request, duplicates="first")):
        with pytest.raises(ConfigurationError, match=r"toy\.inter' exists already .* --overwrite"):
            prepare(other)
    assert prepare(replace(request, items=None), overwrite=True).is_new
    assert lines(request, "item") == ["item_id:token", "i1"]


@pytest.mark.parametrize("name", ["toy.inter", "toy.item", "prepare.json"])
def test_files_that_were_changed_or_are_not_ours_are_not_replaced(request_of: Any, name: str) -> None:
    request = request_of([review()])
    prepare(request)
    (request.target / name).write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="exists already"):
        prepare(request)
    assert (request.target / name).read_text(encoding="utf-8") == "mine"


def test_a_moved_raw_file_is_the_same_file(request_of: Any, tmp_path: Path) -> None:
    request = request_of([review()])
    prepare(request)
    moved = request.reviews.rename(tmp_path / "elsewhere.json")
    assert not prepare(replace(request, reviews=moved)).is_new


def test_the_record_holds_what_was_read_and_written(request_of: Any) -> None:
    request = request_of([review()])
    record = prepare(request).record
    assert json.loads((request.target / "prepare.json").read_text(encoding="utf-8")) == record
    assert record["files"] == {"reviews": "reviews.json"}
    assert sorted(record["outputs"]) == ["toy.inter", "toy.item"]
    assert {len(text) for text in (*record["inputs"].values(), *record["outputs"].values())} == {64}
    assert record["arguments"] == {"k_core": 0, "duplicates": "last"}


class Pipes(RawSource):
    """A source of a user's own: fields between bars."""

    name: ClassVar[str] = "pipes"
    item_columns: ClassVar[dict[str, str]] = {"title": "token_seq"}

    def reviews(self, path: Path) -> Iterator[RawReview]:
        for text in path.read_text(encoding="utf-8").splitlines():
            user, item, rating, time, words = text.split("|")
            yield RawReview(user, item, float(rating), float(time), "", words)

    def items(self, path: Path) -> Iterator[RawItem]:
        yield from ()


def test_a_source_of_the_users_own_is_named_by_its_path(request_of: Any) -> None:
    request = replace(request_of(["u1|i1|4|7|Fine"]), source=f"{__name__}:Pipes")
    prepare(request)
    assert lines(request) == [HEADER, "u1\ti1\t4\t7\t\tFine"]
