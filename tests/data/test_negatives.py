"""Sampled items that a user does not have."""

from __future__ import annotations

from collections import Counter

import numpy as np

from recbole_curec.data.negatives import negative_item
from tests.examples import make_history


def test_negatives_are_items_of_others():
    history = make_history({"u": "ab", "v": "bccc", "w": "abcd"}, ("", "a", "b", "c", "d", "e"))
    rng = np.random.default_rng(0)
    drawn = Counter(negative_item(history, 1, rng) for _ in range(500))
    assert set(drawn) == {3, 4}  # e is nobody's
    assert drawn[3] > 3 * drawn[4] / 2  # by popularity: four rows to one
    assert {negative_item(history, 2, rng) for _ in range(100)} == {1, 4}
    assert {negative_item(history, 3, rng) for _ in range(100)} <= {1, 2, 3, 4}  # has all: one of their own
