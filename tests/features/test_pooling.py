from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.features import pooling
from recbole_curec.features.pooling import mean_by, user_vectors, whitened_width
from tests.examples import make_history


def test_few_items_are_whitened_in_fewer_directions() -> None:
    assert whitened_width(256, 12_000) == 512
    assert whitened_width(256, 1_680) == 105
    assert whitened_width(256, 40) == 16
    assert whitened_width(4, 12_000) == 8


def test_the_mean_of_nothing_is_zero() -> None:
    vectors = np.array([[1.0, 0.0], [3.0, 2.0], [5.0, 5.0]], dtype=np.float32)
    assert mean_by(np.array([0, 0, 2]), vectors, 4).tolist() == [[2, 1], [0, 0], [5, 5], [0, 0]]
    assert mean_by(np.array([], dtype=np.int64), vectors[:0], 2).tolist() == [[0, 0], [0, 0]]


def test_summands_may_be_looked_up_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.array([[1.0, 0.0], [3.0, 2.0], [5.0, 5.0]], dtype=np.float32)
    rows, places = np.array([0, 1, 1, 1, 0]), np.array([2, 0, 0, 1, 1])
    whole = mean_by(rows, vectors[places], 2)
    monkeypatch.setattr(pooling, "_SUMMANDS", 2)
    assert mean_by(rows, vectors, 2, places).tolist() == whole.tolist()
    np.testing.assert_allclose(whole, [[4, 3.5], [5 / 3, 2 / 3]], rtol=1e-6)


def test_a_user_is_the_mean_of_their_reasons_or_else_of_their_items() -> None:
    history = make_history({"u": ["a", "b"], "v": ["b", "c"]}, ("", "a", "b", "c"))
    items = np.array([[1, 0], [0, 1], [0, 3]], dtype=np.float32)
    reasons = np.array([[4, 0], [0, 3]], dtype=np.float32)
    texts = np.array([[1, 0], [0, 0], [0, 2]], dtype=np.float32)
    users, from_text = user_vectors(history, ["v", "v"], reasons, reasons / 4, items, texts)
    np.testing.assert_allclose(users, [[2**-0.5, 2**-0.5], [0.8, 0.6]], atol=1e-6)
    # The first is the mean of two items, of which the first is all text; the second is told, a quarter of it text.
    np.testing.assert_allclose(from_text, [[2**-0.5, 0], [0.2, 0.15]], atol=1e-6)
