"""Biases against their closed forms, and against fits that really leave a rating out."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.model.rating.biases import RatingBiases, without


def drawn(count: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    users, items = rng.integers(1, 21, count), rng.integers(1, 16, count)
    of_user, of_item = rng.normal(size=21), rng.normal(size=16)
    return users, items, 3 + of_user[users] + of_item[items] + rng.normal(size=count) * 0.3


def test_one_user_and_one_item_by_hand() -> None:
    fit = RatingBiases.fit(np.array([1, 1]), np.array([1, 2]), np.array([5.0, 3.0]), (3, 3), penalty=1.0)
    assert fit.mean == 4.0
    # the user's bias is 0 by symmetry; an item's is its residual over 1 + 1
    assert fit.user.tolist() == pytest.approx([0, 0, 0])
    assert fit.item.tolist() == pytest.approx([0, 0.5, -0.5])


def test_they_solve_the_ridge_regression() -> None:
    users, items, ratings = drawn()
    fit = RatingBiases.fit(users, items, ratings, (21, 16), penalty=2.0)
    design = np.zeros((len(ratings), 37))
    design[np.arange(len(ratings)), users] = 1
    design[np.arange(len(ratings)), 21 + items] = 1
    solved = np.linalg.solve(design.T @ design + 2 * np.eye(37), design.T @ (ratings - ratings.mean()))
    assert np.concatenate([fit.user, fit.item]) == pytest.approx(solved, abs=2e-3)


def test_a_bias_without_a_rating_is_the_one_fitted_without_it() -> None:
    rng = np.random.default_rng(3)
    residuals, penalty = rng.normal(size=9), 2.0
    weight = len(residuals) + penalty
    for left_out in range(9):
        rest = np.delete(residuals, left_out)
        shorter = without(residuals.sum() / weight, weight, residuals[left_out])
        assert shorter == pytest.approx(rest.sum() / (len(rest) + penalty))


def test_the_penalties_are_those_with_the_smallest_error_without_the_own_rating() -> None:
    users, items, ratings = drawn()
    chosen = RatingBiases.fit(users, items, ratings, (21, 16))
    errors = [
        RatingBiases.fit(users, items, ratings, (21, 16), penalty).error(users, items, ratings)
        for penalty in (1.0, 2.0, 5.0, 20.0, 50.0)
    ]
    assert chosen.error(users, items, ratings) <= min(errors)
    assert errors[0] < errors[-1], "with little noise and many ratings, a strong penalty is wrong"
