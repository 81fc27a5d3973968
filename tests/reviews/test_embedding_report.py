"""Figures of review vectors, at values that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.reviews.embedding_report import agreement_figures, rating_figures, retrieval_figures
from recbole_curec.reviews.vectors import ReviewVectors


def test_errors_of_a_rating() -> None:
    figures = rating_figures(np.array([1.0, 5.0, 5.0, 5.0]), np.array([3.0, 5.0, 4.0, 5.0], dtype=np.float32))
    assert figures["rmse"] == pytest.approx(np.sqrt(5 / 4))
    assert figures["mae"] == pytest.approx(3 / 4)
    assert figures["macro_mae"] == pytest.approx((2 + 1 / 3) / 2)
    assert figures["rmse_of_mean"] == pytest.approx(np.sqrt(3))
    assert figures["macro_mae_of_mean"] == pytest.approx((3 + 1) / 2)


def vectors(of_items: np.ndarray) -> ReviewVectors:
    """Two reviews of each of 200 items by 400 users; ``of_items`` holds a vector per item."""
    items = np.repeat(np.arange(200), 2)
    return ReviewVectors(
        users=np.array([f"u{n}" for n in range(400)]),
        items=np.array([f"i{n}" for n in items]),
        vectors=of_items[items].astype(np.float32),
        predicted=np.zeros(400, dtype=np.float32),
    )


def test_the_own_item_comes_first_where_its_reviews_agree() -> None:
    figures = retrieval_figures(vectors(np.eye(200)), seed=0)
    item = figures["item"]
    assert (item["reviews"], item["candidates"]) == (400, 101)
    assert (item["hit@10"], item["mrr"]) == (1.0, 1.0)
    assert item["chance_hit@10"] == pytest.approx(10 / 101)
    assert item["chance_mrr"] == pytest.approx(np.mean(1 / np.arange(1, 102)))
    assert figures["user"] == {"reviews": 0}  # nobody wrote two


def test_equal_vectors_are_in_the_middle() -> None:
    item = retrieval_figures(vectors(np.ones((200, 4))), seed=0)["item"]
    assert item["mrr"] == pytest.approx(1 / 51)
    assert item["hit@10"] == 0


def test_the_review_that_is_asked_with_is_not_part_of_its_item() -> None:
    found = vectors(np.zeros((200, 200)))
    apart = np.eye(400, dtype=np.float32)  # no review is like any other, so only itself could be found
    item = retrieval_figures(ReviewVectors(found.users, found.items, apart, found.predicted), seed=0)["item"]
    assert item["mrr"] < 0.1


def test_agreement_is_the_cosine_of_the_same_text() -> None:
    one = np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
    turned = np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
    assert agreement_figures([one, one]) == {"same_text": 1.0, "different_texts": 0.0, "first": 1.0}
    assert agreement_figures([one, turned]) == {"same_text": 0.0, "different_texts": 1.0, "first": 0.0}
    assert agreement_figures([one]) == {}
