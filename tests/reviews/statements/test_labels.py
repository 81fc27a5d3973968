from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from recbole_curec.reviews.statements.labels import grades_of, ndcg


def test_grades_are_bounds_of_the_cosine_with_the_nearest_own_statement() -> None:
    # Rows of unit length: cosines with rows 4 and 5 are 0.6 and 0.8; 0; 1 and 0; 0.28 and 0.96.
    weights = sp.csr_matrix(np.array([[0.6, 0.8, 0], [0, 0, 1], [1, 0, 0], [0.28, 0.96, 0], [1, 0, 0], [0, 1, 0]]))
    candidates, said = np.array([0, 1, 2, 3]), np.array([4, 5])
    assert grades_of(weights, candidates, said, [0.5, 0.9, 0.99]).tolist() == [1, 0, 3, 2]
    assert grades_of(weights, candidates, said[:1], [0.2, 0.6, 0.99]).tolist() == [2, 0, 3, 1]  # a bound is reached
    assert grades_of(weights, candidates, said[:0], [0.1, 0.2, 0.3]).tolist() == [0, 0, 0, 0]


def test_ndcg_by_hand() -> None:
    grades, ties = np.array([0, 3, 1, 0]), np.array([0.1, 0.2, 0.3, 0.4])
    scores = np.array([4.0, 3.0, 2.0, 1.0])  # gains in this order: 0, 7, 1
    ideal = 7 + 1 / np.log2(3)
    assert ndcg(grades, scores, ties, 3) == pytest.approx((7 / np.log2(3) + 1 / 2) / ideal)
    assert ndcg(grades, -scores, ties, 2) == pytest.approx(1 / np.log2(3) / ideal)
    assert ndcg(grades, grades.astype(float), ties, 3) == 1.0
    equal = np.zeros(4)
    assert ndcg(grades, equal, ties[::-1], 1) == 0.0 and ndcg(grades, equal, np.array([3.0, 0.0, 1.0, 2.0]), 1) == 1.0
