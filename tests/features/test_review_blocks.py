"""Item text and reviews side by side, on hand-made vectors."""

from __future__ import annotations

import numpy as np

from recbole_curec.features.review_blocks import ReviewBlocks
from recbole_curec.reviews.vectors import ReviewVectors

TEXTS = np.array([[2.0, 0.0], [0.0, 2.0], [4.0, 4.0]], dtype=np.float32)
FOUND = ReviewVectors(
    users=np.array(["u", "v", "w", "w"]),
    items=np.array(["a", "a", "b", "a"]),
    vectors=np.array([[1.0], [3.0], [8.0], [0.0]], dtype=np.float32),
    predicted=np.zeros(4, dtype=np.float32),
)
ROWS = np.array([0, 0, 1, 0])


def test_an_item_is_its_text_and_the_mean_of_its_reviews() -> None:
    blocks = ReviewBlocks.of(TEXTS, FOUND, ROWS)
    assert blocks.users == ["u", "v", "w", "w"]
    np.testing.assert_array_equal(blocks.items[:, :2], TEXTS)
    # centred at 3, item a has -5/3 and item b 5; the third has no review
    share = blocks.items[1, 2] / 5
    np.testing.assert_allclose(blocks.items[:, 2], share * np.array([-5 / 3, 5, 0]), rtol=1e-6)
    np.testing.assert_allclose(blocks.items[:2, 2].var(), TEXTS[:2].var(axis=0).sum(), rtol=1e-6)
    np.testing.assert_allclose(blocks.reviews[:, 2], share * np.array([-2, 0, 5, -3]), rtol=1e-6)
    np.testing.assert_array_equal(blocks.reviews[:, :2], TEXTS[ROWS])


def test_shuffling_moves_vectors_and_nothing_else() -> None:
    plain, moved = (ReviewBlocks.of(TEXTS, FOUND, ROWS, rng) for rng in (None, np.random.default_rng(0)))
    np.testing.assert_array_equal(moved.items[:, :2], plain.items[:, :2])
    assert not np.allclose(moved.items[:, 2], plain.items[:, 2])


def test_reviews_that_all_say_the_same_add_nothing() -> None:
    same = ReviewVectors(FOUND.users, FOUND.items, np.ones((4, 1), dtype=np.float32), FOUND.predicted)
    assert not ReviewBlocks.of(TEXTS, same, ROWS).items[:, 2].any()
