from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.reviews.chains import completion_of
from recbole_curec.reviews.rewards.accuracy import AccuracyReward, published, symmetric
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.settings.chains import RatingReward
from tests.reviews.reviewed import STARS

ERRORS = (-4, -2, -1, 0, 1, 2, 4)
SKEWED = RatingScale.of([5.0] * 80 + [4.0] * 10 + [3.0] * 5 + [2.0] * 4 + [1.0])
TENS = RatingScale.of([float(rating) for rating in range(1, 11)])


def test_the_published_bracket() -> None:
    assert [round(published(e), 2) for e in ERRORS] == [-10.72, -1.26, -0.05, 0.80, -1.29, -1.59, -1.60]


def test_the_symmetric_bracket() -> None:
    assert [symmetric(e) for e in ERRORS] == [-0.875, -0.5, 0.0, 1.0, 0.0, -0.5, -0.875]
    assert -1 < symmetric(9) < symmetric(8)


def reward(scale: RatingScale, formula: RatingReward, written: float, true: float, *, weighted: bool = True) -> float:
    made = AccuracyReward(scale, formula, weighted=weighted)
    return made([], [completion_of((), written, scale)], text=[""], rating=[true])[0]


@pytest.mark.parametrize("scale", [STARS, SKEWED, TENS])
@pytest.mark.parametrize("formula", ["published", "symmetric"])
def test_rewards_fill_minus_one_to_one_whatever_the_batch(scale: RatingScale, formula: RatingReward) -> None:
    all_pairs = [reward(scale, formula, written, true) for true in scale.levels for written in scale.levels]
    assert max(all_pairs) == pytest.approx(1.0) and min(all_pairs) == pytest.approx(-1.0)
    assert [reward(scale, formula, true, true) > 0 for true in scale.levels] == [True] * len(scale.levels)


def test_rare_ratings_weigh_as_one_over_the_root_of_their_share() -> None:
    assert reward(SKEWED, "symmetric", 1.0, 1.0) / reward(SKEWED, "symmetric", 5.0, 5.0) == pytest.approx(80**0.5)
    assert reward(SKEWED, "symmetric", 1.0, 1.0, weighted=False) == reward(
        SKEWED, "symmetric", 5.0, 5.0, weighted=False
    )


def test_steps_count_and_not_points() -> None:
    halves = RatingScale.of([1.0, 1.5, 2.0, 2.5, 3.0])
    values = [reward(scale, "symmetric", 1 + 2 * scale.step, 1.0) for scale in (STARS, halves)]
    assert values[0] / reward(STARS, "symmetric", 5.0, 1.0) == pytest.approx(
        values[1] / reward(halves, "symmetric", 3.0, 1.0)
    )
    assert reward(halves, "symmetric", 1.5, 1.0) == 0.0 == reward(TENS, "symmetric", 8.0, 7.0)


def test_what_cannot_be_read_is_the_worst() -> None:
    made = AccuracyReward(STARS, "symmetric")
    texts = ["", "Rating: 4", "<think> none</think> Rating: 9", "<think> none</think> Rating: 4 or 5"]
    assert made([], texts, text=[""] * 4, rating=[4.0] * 4) == [-1.0] * 4


def test_a_reward_belongs_to_the_rating_of_its_own_row() -> None:
    drawn = np.random.default_rng(0)
    rows = [(float(drawn.integers(1, 6)), float(drawn.integers(1, 6))) for _ in range(200)]
    made = AccuracyReward(SKEWED, "symmetric")

    def scored(order: list[int]) -> dict[int, float]:
        written = [completion_of((), rows[k][0], SKEWED) for k in order]
        return dict(zip(order, made([], written, text=[""] * 200, rating=[rows[k][1] for k in order]), strict=True))

    in_order = scored(list(range(200)))
    assert len(set(in_order.values())) > 10
    assert scored([int(k) for k in drawn.permutation(200)]) == in_order
