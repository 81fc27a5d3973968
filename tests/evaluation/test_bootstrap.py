from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.evaluation.bootstrap import bootstrap_interval
from recbole_curec.evaluation.metrics.metric import Score


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation() -> None:
    values = np.random.default_rng(1).normal(5, 2, size=400)
    users = [str(number) for number in range(400)]
    ends = bootstrap_interval(Score.mean(values), users, samples=2000, seed=0)
    assert ends is not None
    reach = 1.96 * values.std() / np.sqrt(400)
    assert ends == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.03)
    assert ends == bootstrap_interval(Score.mean(values), users, samples=2000, seed=0)


def test_pairs_of_one_user_are_drawn_together() -> None:
    # Both users have 0 and 1 alike: every sample has the mean 0.5. As four users they would differ.
    score = Score.mean([0.0, 1.0, 0.0, 1.0])
    assert bootstrap_interval(score, ["a", "a", "b", "b"], samples=200, seed=0) == (0.5, 0.5)
    assert bootstrap_interval(score, ["a", "b", "c", "d"], samples=200, seed=0) == (0.0, 1.0)


def test_what_has_no_interval() -> None:
    assert bootstrap_interval(Score(0.3), ["a"], samples=100, seed=0) is None
    assert bootstrap_interval(Score.mean([0.0, 1.0]), ["a", "b"], samples=0, seed=0) is None
    assert bootstrap_interval(Score.mean([0.0, 1.0]), ["a", "a"], samples=9, seed=0) is None, "of one user"


def test_users_of_whom_a_metric_says_nothing_are_not_drawn() -> None:
    values, counted = [0.0, 1.0, 5.0, 5.0], [True, True, False, False]
    ends = bootstrap_interval(Score.mean(values, counted=counted), list("abcd"), samples=200, seed=0)
    assert ends == bootstrap_interval(Score.mean(values[:2]), list("ab"), samples=200, seed=0) == (0.0, 1.0)
    one = Score.mean(values, counted=[True, False, False, False])
    assert bootstrap_interval(one, list("abcd"), samples=200, seed=0) is None
