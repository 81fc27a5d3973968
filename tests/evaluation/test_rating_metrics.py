from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.errors import DataError
from recbole_curec.evaluation.rating_metrics import (
    TITLES,
    calibration_error,
    low_levels,
    low_recall,
    macro_mae,
    macro_rmse,
    nearest_levels,
    rating_metrics,
    user_errors,
    weighted_kappa,
)
from recbole_curec.reviews.scale import RatingScale

STARS = RatingScale.of([1.0, 2.0, 3.0, 4.0, 5.0])
TEN = RatingScale.of(np.arange(1.0, 11.0))
TRUE = np.array([1.0, 2.0, 5.0, 5.0, 5.0, 5.0])
PREDICTED = np.array([2.4, 2.7, 4.0, 5.0, 5.0, 5.0])  # errors 1.4, 0.7, -1, 0, 0, 0


def test_errors_over_rows_and_over_ratings_by_hand() -> None:
    found = rating_metrics(TRUE, PREDICTED, STARS)
    assert found.keys() == TITLES.keys()
    assert found["mae"] == pytest.approx(3.1 / 6)
    assert found["rmse"] == pytest.approx(np.sqrt((1.96 + 0.49 + 1) / 6))
    assert found["macro_mae"] == pytest.approx((1.4 + 0.7 + 0.25) / 3)  # of ratings 1, 2 and 5
    assert found["macro_rmse"] == pytest.approx(np.sqrt((1.96 + 0.49 + 0.25) / 3))
    assert found["low_recall"] == 0.5  # 2.4 is 2, and low; 2.7 is 3


def test_macro_errors_do_not_depend_on_how_often_a_rating_occurs() -> None:
    often = np.concatenate([np.arange(6), [2, 3, 4, 5] * 10])
    assert macro_mae(TRUE[often], PREDICTED[often]) == pytest.approx(macro_mae(TRUE, PREDICTED))
    assert macro_rmse(TRUE[often], PREDICTED[often]) == pytest.approx(macro_rmse(TRUE, PREDICTED))


@pytest.mark.parametrize(
    ("levels", "low"),
    [
        ([1, 2, 3, 4, 5], (1, 2)),
        (list(range(1, 11)), (1, 2, 3, 4)),
        ([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5], (0.5, 1, 1.5, 2)),
        ([0, 1], (0,)),
    ],
)
def test_the_low_ratings_are_the_lowest_two_fifths_of_the_levels(levels: list[float], low: tuple[float, ...]) -> None:
    assert low_levels(RatingScale.of(levels)) == low


def test_recall_of_low_ratings_rounds_first_and_is_undefined_without_any() -> None:
    true = np.array([1.0, 4.0, 4.0, 9.0])
    assert low_recall(true, np.array([4.5, 4.51, 2.0, 1.0]), TEN) == pytest.approx(2 / 3)  # 4.5 is 4, 4.51 is 5
    assert np.isnan(low_recall(np.array([9.0]), np.array([1.0]), TEN))


def test_the_nearest_level_is_the_scales_own() -> None:
    scale = RatingScale.of([1.0, 2.0, 4.0, 4.5])
    values = np.array([-3.0, 1.5, 1.51, 3.0, 3.1, 4.25, 4.3, 99.0])
    assert nearest_levels(values, scale).tolist() == [scale.nearest(value) for value in values]
    assert nearest_levels(values, scale).tolist() == [1, 1, 2, 2, 4, 4, 4.5, 4.5]


def test_kappa_by_hand() -> None:
    scale = RatingScale.of([1.0, 2.0, 3.0])
    true, predicted = np.array([1.0, 1.0, 2.0, 3.0]), np.array([1.2, 2.4, 1.8, 3.0])
    # Observed: one of four pairs is one level off, 1/4. Expected, from the margins (2, 1, 1) and (1, 2, 1):
    #   rows 1: 2/4 x (0 x 1/4 + 1 x 2/4 + 4 x 1/4), 2: 1/4 x (1/4 + 0 + 1/4), 3: 1/4 x (4/4 + 2/4 + 0)
    expected = 2 / 4 * (2 / 4 + 4 / 4) + 1 / 4 * (2 / 4) + 1 / 4 * (4 / 4 + 2 / 4)
    assert weighted_kappa(true, predicted, scale) == pytest.approx(1 - (1 / 4) / expected)
    assert weighted_kappa(true, true, scale) == 1.0
    assert weighted_kappa(true, np.full(4, 2.0), scale) == 0.0
    assert np.isnan(weighted_kappa(np.full(4, 2.0), np.full(4, 2.0), scale))


def test_calibration_compares_the_means_within_a_bin() -> None:
    # Bins of 0.9 from 1 to 10. Two predictions of 5.0: their ratings 2 and 8 have that mean, so they are calibrated.
    assert calibration_error(np.array([2.0, 8.0]), np.array([5.0, 5.0]), TEN) == 0.0
    # A third of 9.0 whose rating is 6 is off by 3, and weighs a third.
    assert calibration_error(np.array([2.0, 8.0, 6.0]), np.array([5.0, 5.0, 9.0]), TEN) == pytest.approx(1.0)
    # Errors of opposite sign in different bins do not cancel out; outside the scale counts to the outermost bins.
    assert calibration_error(np.array([1.0, 10.0]), np.array([-1.0, 12.0]), TEN) == pytest.approx(2.0)


def test_the_mean_over_users_is_the_metric_over_rows() -> None:
    users = np.array(["b", "a", "b", "b", "c", "c"])
    table = user_errors(users, TRUE, PREDICTED)
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["absolute error"].tolist() == pytest.approx([0.7 / 2, 2.4 / 2, 0.0])  # two rows per user
    found = rating_metrics(TRUE, PREDICTED, STARS)
    means = table.mean()
    assert means["squared error"] == pytest.approx(found["rmse"] ** 2)
    assert means["absolute error"] == pytest.approx(found["mae"])
    assert means["macro absolute error"] == pytest.approx(found["macro_mae"])


@pytest.mark.parametrize(
    ("predicted", "text"), [([1.0, np.nan], r"1 of 2 .* row 1"), ([1.0], "1 predictions .* 2 ratings")]
)
def test_predictions_that_cannot_be_measured(predicted: list[float], text: str) -> None:
    with pytest.raises(DataError, match=text):
        rating_metrics(np.array([1.0, 2.0]), np.array(predicted), STARS)
