"""Metrics of predicted ratings: overall, with every rating weighing the same, and for the lowest ratings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, mean_absolute_error, recall_score, root_mean_squared_error

from recbole_curec.errors import DataError
from recbole_curec.reviews.scale import RatingScale

BINS = 10

# What each metric is called in tables, and whether smaller is better.
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "rmse": "RMSE",
        "mae": "MAE",
        "macro_rmse": "macro-RMSE",
        "macro_mae": "macro-MAE",
        "low_recall": "recall of low ratings",
        "kappa": "weighted kappa",
        "calibration": "calibration error",
    }
)


def rating_metrics(true: NDArray[np.float64], predicted: NDArray[np.float64], scale: RatingScale) -> dict[str, float]:
    """All metrics of this module, under the names of :data:`TITLES`.

    Args:
        true: True ratings, shape ``(N,)``.
        predicted: Predicted ratings on the same scale, not rounded, shape ``(N,)``.
        scale: The scale of the training ratings.

    Raises:
        DataError: There is no rating, or a prediction is no number.
    """
    _check(true, predicted)
    return {
        "rmse": float(root_mean_squared_error(true, predicted)),
        "mae": float(mean_absolute_error(true, predicted)),
        "macro_rmse": macro_rmse(true, predicted),
        "macro_mae": macro_mae(true, predicted),
        "low_recall": low_recall(true, predicted, scale),
        "kappa": weighted_kappa(true, predicted, scale),
        "calibration": calibration_error(true, predicted, scale),
    }


def macro_mae(true: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Mean absolute error of every true rating that occurs, averaged over those ratings (Baccianella et al., 2009)."""
    return float(mean_absolute_error(true, predicted, sample_weight=equal_weights(true)))


def macro_rmse(true: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Root of the mean squared error of every true rating that occurs, averaged over those ratings.

    The root is taken last, so that a rating's squared errors weigh the same whatever its share.
    """
    return float(root_mean_squared_error(true, predicted, sample_weight=equal_weights(true)))


def equal_weights(true: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of every row, mean 1, such that every rating that occurs has the same weight in all, shape ``(N,)``."""
    levels, place, counts = np.unique(true, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = len(true) / (len(levels) * counts[place])
    return weights


def low_levels(scale: RatingScale) -> tuple[float, ...]:
    """The lowest 40 % of the levels, rounded down, at least one: 1 and 2 of 1 to 5, and 1 to 4 of 1 to 10."""
    return scale.levels[: max(1, 2 * len(scale.levels) // 5)]


def low_recall(true: NDArray[np.float64], predicted: NDArray[np.float64], scale: RatingScale) -> float:
    """Share of the low ratings whose prediction, rounded to the nearest level, is low as well; NaN if none is low."""
    highest = low_levels(scale)[-1]
    low = true <= highest
    if not low.any():
        return float("nan")
    return float(recall_score(low, nearest_levels(predicted, scale) <= highest))


def weighted_kappa(true: NDArray[np.float64], predicted: NDArray[np.float64], scale: RatingScale) -> float:
    """Cohen's kappa with quadratic weights (Cohen, 1968): 1 is perfect, 0 is what chance or a constant gives.

    Predictions are rounded to the nearest level, and so are true ratings that no training review has. Two levels are as
    far apart as the levels between them are many, whatever the numbers say. NaN if all is one and the same level.
    """
    levels = np.asarray(scale.levels)
    places = [np.searchsorted(levels, nearest_levels(values, scale)) for values in (true, predicted)]
    if len(np.unique(np.concatenate(places))) == 1:
        return float("nan")
    return float(cohen_kappa_score(*places, labels=np.arange(len(levels)), weights="quadratic"))


def calibration_error(true: NDArray[np.float64], predicted: NDArray[np.float64], scale: RatingScale) -> float:
    """How far predictions of one height are from what such items are rated on average.

    Predictions are put into ten bins of equal width between the lowest and the highest level (those outside into the
    outermost bins); in each bin the mean prediction is compared with the mean true rating, and the absolute differences
    are averaged, each bin weighing as many rows as it has. This is the expected calibration error (Naeini et al., 2015)
    with means in place of accuracies. It says nothing about how well ratings are told apart: the global mean has
    nearly none.
    """
    edges = np.linspace(scale.lowest, scale.highest, BINS + 1)[1:-1]
    bins = np.digitize(predicted, edges)
    counts = np.bincount(bins, minlength=BINS)
    difference = np.bincount(bins, weights=predicted - true, minlength=BINS)  # count times difference of the means
    return float(np.abs(difference).sum() / counts.sum())


def nearest_levels(values: NDArray[np.float64], scale: RatingScale) -> NDArray[np.float64]:
    """The level next to every value, the lower one of two that are equally near; shape of ``values``."""
    levels = np.asarray(scale.levels)
    middles = (levels[1:] + levels[:-1]) / 2
    nearest: NDArray[np.float64] = levels[np.searchsorted(middles, values, side="left")]
    return nearest


def user_errors(users: NDArray[np.str_], true: NDArray[np.float64], predicted: NDArray[np.float64]) -> pd.DataFrame:
    """Every user's part of three errors, for tests over users.

    A user's part is the sum over the user's rows, divided by the rows per user, so that the mean over users is the
    metric over rows, whether a user has one row or many.

    Returns:
        Columns ``squared error``, ``absolute error`` and ``macro absolute error`` (of which the means over users are
        RMSE squared, MAE and macro-MAE), one row per user, sorted by user.
    """
    _check(true, predicted)
    error = np.abs(predicted - true)
    table = pd.DataFrame(
        {
            "squared error": error**2,
            "absolute error": error,
            "macro absolute error": error * equal_weights(true),
        }
    )
    sums = table.groupby(np.asarray(users, dtype=object), sort=True).sum()
    return sums * (len(sums) / len(true))


def _check(true: NDArray[np.float64], predicted: NDArray[np.float64]) -> None:
    if len(true) == 0 or len(true) != len(predicted):
        raise DataError(f"{len(predicted)} predictions cannot be compared with {len(true)} ratings: give one for each.")
    wrong = np.flatnonzero(~np.isfinite(predicted))
    if len(wrong):
        raise DataError(
            f"{len(wrong)} of {len(predicted)} predicted ratings are no numbers (the first in row {wrong[0]}): the "
            "model has diverged; train it with a lower learning rate."
        )
