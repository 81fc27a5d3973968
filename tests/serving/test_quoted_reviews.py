"""Training reviews with what chains quote of them."""

from __future__ import annotations

import numpy as np

from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.serving.quoted_reviews import QuotedReviews

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen"
DAY = 86_400.0
START = 1_393_891_200.0  # 2014-03-04


def quoted(times: list[float]) -> QuotedReviews:
    table = ReviewTable(
        users=np.array(["a", "a", "b", "b"]),
        items=np.array(["x", "y", "x", "z"]),
        ratings=np.array([5.0, 1.0, 3.5, 4.0]),
        texts=np.array(["The great tone won me. A thin strap.", LONG, "", "Easy grip here."], dtype=object),
        folds=np.array([0, 1, 0, 1]),
    )
    chains = [
        '<think> + "great tone"; - "thin strap"; + "not there at all"</think> Rating: 5',
        "<think> none </think> Rating: 1",
        "broken",
        '<think> + "easy grip"</think> Rating: 4',
    ]
    return QuotedReviews(table, chains, np.array(times))


def test_a_review_is_quoted_by_its_chain_where_the_review_holds_it() -> None:
    found = quoted([START, START + DAY, np.nan, START])
    assert found.of(0) == QuotedReview(
        "a", "x", 5.0, ("great tone",), ("thin strap",), "The great tone won me. A thin strap.", "2014-03-04"
    )
    assert found.of(1) == QuotedReview("a", "y", 1.0, (), (), f"{' '.join(LONG.split()[:12])} ...", "2014-03-05")
    assert found.of(2) == QuotedReview("b", "x", 3.5, (), (), "", None)
    assert found.pair(3) == ("b", "z")


def test_reviews_of_a_side_stand_latest_first() -> None:
    found = quoted([0.0, 7.0, 3.0, np.nan])
    assert (found.by_user("a"), found.by_user("b"), found.by_user("c")) == ([1, 0], [2, 3], [])
    assert (found.about_item("x"), found.about_item("q")) == ([2, 0], [])
    assert quoted([5.0] * 4).by_user("a") == [1, 0]
    assert found.of(0).date is None
