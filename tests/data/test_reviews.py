from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.data.reviews import ReviewFile, with_reviews
from recbole_curec.errors import ConfigurationError, DataError
from tests.examples import make_history

TOKENS = ("", "a", "b", "c")
HISTORY = make_history({"u": ["a", "b"], "v": ["b", "b"]}, TOKENS)
HEADER = "user_id:token\titem_id:token\ttimestamp:float\trating:float\tsummary:token_seq\treview_text:token_seq"
ROWS = [
    ("v", "b", 9, 1, "s", 'second<br/> "time" &amp;lt;x>'),
    ("u", "b", 5, 1, "s", "about b"),
    ("v", "b", 2, 1, "s", "first time"),
    ("u", "c", 7, 1, "s", "held out"),
    ("u", "a", 3, 1, "s", ""),
]


def file_of(folder: Path, rows: list[tuple[Any, ...]] = ROWS, header: str = HEADER, **more: Any) -> ReviewFile:
    path = folder / "x.inter"
    path.write_text("\n".join([header, *("\t".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    given = {"time_field": "timestamp", "separator": "\t", "encoding": "utf-8", "review_field": None, **more}
    return ReviewFile(path, "user_id", "item_id", **given)


def test_reviews_join_their_interactions_in_time_order_and_are_cleaned(tmp_path: Path) -> None:
    history = with_reviews(HISTORY, file_of(tmp_path))
    assert history.reviews is not None
    assert history.reviews.tolist() == ["", "about b", "first time", "second 'time' (x)"]
    assert np.array_equal(history.items, HISTORY.items)
    assert HISTORY.reviews is None


def test_a_pair_with_more_rows_than_training_interactions_gives_no_review(tmp_path: Path) -> None:
    history = with_reviews(HISTORY, file_of(tmp_path, [*ROWS, ("u", "b", 99, 1, "s", "again, in the test split")]))
    assert history.reviews is not None and history.reviews.tolist()[1] == ""


def test_reviews_follow_the_rows_into_another_id_space(tmp_path: Path) -> None:
    history = make_history({"u": ["a", "b"], "v": ["b", "b"]}, TOKENS)
    again = with_reviews(history, file_of(tmp_path)).reindex({"c": 1, "b": 2, "a": 3}, 4)
    assert again.reviews is not None
    assert again.reviews.tolist() == ["", "about b", "first time", "second 'time' (x)"]


def test_the_column_is_named_or_the_first_that_looks_like_it(tmp_path: Path) -> None:
    chosen = with_reviews(HISTORY, file_of(tmp_path, review_field="summary")).reviews
    assert chosen is not None and chosen.tolist() == ["s"] * 4
    with pytest.raises(ConfigurationError, match=r"review_field='rating' is no text column .*'summary'"):
        with_reviews(HISTORY, file_of(tmp_path, review_field="rating"))
    header = HEADER.replace("summary", "colour").replace("review_text", "note")
    with pytest.raises(ConfigurationError, match=r"finds no column of review text .*'colour', 'note'.*review_field"):
        with_reviews(HISTORY, file_of(tmp_path, header=header))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.path.unlink()
    with pytest.raises(DataError, match=r"There are no reviews: .*x\.inter does not exist"):
        with_reviews(HISTORY, file)
