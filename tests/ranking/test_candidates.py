from __future__ import annotations

import numpy as np
import torch

from recbole_curec.ranking.candidates import best_candidates, without_history
from tests.ranking.worlds import candidates_of

SCORES = torch.tensor([[9.0, 1.0, 5.0, 3.0, 4.0], [9.0, 4.0, 3.0, 2.0, 1.0]])
PASTS = [np.array([2, 2]), np.array([], dtype=np.int64)]


def test_candidates_are_the_best_items_that_were_not_taken() -> None:
    found = best_candidates(SCORES, PASTS, 2)
    assert found.items.tolist() == [[4, 3], [1, 2]]
    assert found.scores.tolist() == [[4.0, 3.0], [4.0, 3.0]]
    assert found.items.dtype == np.int64


def test_a_target_that_the_recommender_does_not_find_is_not_among_them() -> None:
    found = best_candidates(SCORES, PASTS, 2)
    assert found.places_of(np.array([1, 2])).tolist() == [-1, 1]
    assert found.places_of(np.array([0, 0])).tolist() == [-1, -1]  # padding is nobody's target


def test_fewer_items_than_candidates_leave_places_empty() -> None:
    found = best_candidates(SCORES, PASTS, 10)
    assert found.items.tolist() == [[4, 3, 1, 0, 0], [1, 2, 3, 4, 0]]
    assert found.there.sum(axis=1).tolist() == [3, 4]
    assert np.isneginf(found.scores[0, 3:]).all()


def test_scores_without_a_history_are_a_copy() -> None:
    left = without_history(SCORES, PASTS)
    assert left[:, 0].isneginf().all() and left[0, 2].isneginf() and not SCORES.isinf().any()
    assert torch.equal(left[1, 1:], SCORES[1, 1:])


def test_padding_is_no_place() -> None:
    assert candidates_of([[3], [2, 1]]).there.tolist() == [[True, False], [True, True]]
