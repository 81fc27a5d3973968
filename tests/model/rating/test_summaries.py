"""Summaries of past reviews, on hand-made cases, and the ridge regression on them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from recbole_curec.model.rating.summaries import SummaryRidge, alike_residuals, mean_residual


def test_the_mean_residual_is_shrunken_and_counts() -> None:
    found = mean_residual(torch.tensor([[1.0, 2.0, 9.0], [9.0, 9.0, 9.0]]), torch.tensor([[1, 1, 0], [0, 0, 0]]) > 0)
    assert found.tolist() == [[pytest.approx(3 / 5), pytest.approx(np.log(3))], [0, 0]]


def test_what_is_alike_counts_and_nothing_else() -> None:
    tone, case, none = [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]
    by_user = torch.tensor([[tone, case, none]])
    of_item = torch.tensor([[case, none, none]])
    of_user, of_others = torch.tensor([[5.0, 2.0, 7.0]]), torch.tensor([[-1.0, 7.0, 7.0]])
    # the one pair that is alike has likeness 1, and half of it counts beside the shrinkage of 1
    assert alike_residuals(by_user, of_item, of_user, of_others).tolist() == [[1.0, -0.5]]
    opposite = alike_residuals(by_user, -of_item, of_user, of_others)
    assert opposite.tolist() == [[0.0, 0.0]]


def test_the_fit_is_a_ridge_regression_with_the_best_penalty() -> None:
    rng = np.random.default_rng(0)
    summaries = np.c_[rng.normal(3, 2, (400, 2)), np.full(400, 7.0)]
    target = 0.5 * (summaries[:, 0] - 3) + rng.normal(0, 0.1, 400)
    importance = rng.uniform(0.5, 2, 400)
    fit = SummaryRidge.fit(summaries, target, importance)
    rows = (summaries - fit.mean) / fit.spread
    assert fit.spread[2] == 1
    expected = Ridge(alpha=1.0, fit_intercept=False).fit(rows, target, sample_weight=importance)
    np.testing.assert_allclose(fit.weights, expected.coef_, atol=1e-8)
    assert fit.weights[0] == pytest.approx(1.0, abs=0.05)
    np.testing.assert_allclose(fit.predict(summaries), rows @ fit.weights)
    assert fit.gain > 0.95


def test_noise_gets_no_weight() -> None:
    rng = np.random.default_rng(1)
    fit = SummaryRidge.fit(rng.normal(size=(200, 3)), rng.normal(size=200), np.ones(200))
    assert not fit.weights.any()
    assert fit.gain < 0.02
