"""Vectors of words: alike where the company of words is, on axes that no review moves, without ratings."""

from __future__ import annotations

import numpy as np

from recbole_curec.reviews.word_contexts import WordContexts

TAUGHT = ["violin bow rosin", "violin bow strings", "cello bow rosin", "drum sticks cymbal", "drum pedal cymbal"] * 3
ASKED = ["violin", "cello", "drum", "cymbal", "unknown", ""]


def test_words_in_the_same_company_are_alike() -> None:
    made = WordContexts(TAUGHT, 512, seed=1).of(ASKED)
    assert made.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(made[:4], axis=1), 1, atol=1e-5)
    assert not made[4:].any()
    alike = made @ made.T
    # violin and cello never meet, and keep the same company
    assert alike[0, 1] > 0
    assert alike[2, 3] > 0.5
    assert max(alike[0, 2], alike[0, 3], alike[1, 2], alike[1, 3]) < -0.2


def test_other_reviews_turn_no_axis() -> None:
    first = WordContexts(TAUGHT, 256, seed=1).of(ASKED[:4])
    second = WordContexts([*TAUGHT[:7], "violin bow case", "drum cymbal case"], 256, seed=1).of(ASKED[:4])
    same = np.sum(first * second, axis=1)
    assert same.min() > 0.7
    other = WordContexts(TAUGHT, 256, seed=2).of(ASKED[:4])
    assert np.abs(np.sum(first * other, axis=1)).max() < 0.4


def test_without_words_there_are_no_vectors() -> None:
    for taught, asked in (([], ASKED), (["", "the of"], ASKED), (TAUGHT, [])):
        made = WordContexts(taught, 8, seed=1).of(asked)
        assert made.shape == (len(asked), 8)
        assert not made.any()
