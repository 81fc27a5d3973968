"""User and item biases of ratings by ridge regression, and the biases a row would have without its own rating."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Rows = NDArray[np.int64]

_MOST_SWEEPS = 50
_TOLERANCE = 1e-4  # in standard deviations of the ratings
_PENALTIES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass(frozen=True)
class RatingBiases:
    """Ratings as global mean + user bias + item bias (Koren, Bell and Volinsky 2009), each side with a ridge penalty.

    Row 0 of a table is an unknown id, whose bias is 0.

    Attributes:
        mean: Mean of the training ratings.
        user: Bias of every user, shape ``(n_users,)``.
        item: Bias of every item, shape ``(n_items,)``.
        user_weight: Number of ratings of every user plus the penalty, shape ``(n_users,)``.
        item_weight: The same of every item, shape ``(n_items,)``.
    """

    mean: float
    user: Values
    item: Values
    user_weight: Values
    item_weight: Values

    @classmethod
    def fit(
        cls, users: Rows, items: Rows, ratings: Values, sizes: tuple[int, int], penalty: float | None = None
    ) -> RatingBiases:
        """Fit the biases.

        Args:
            users: User of every rating, shape ``(N,)``; never 0.
            items: Item of every rating, shape ``(N,)``; never 0.
            ratings: The training ratings, shape ``(N,)``.
            sizes: Numbers of users and of items, row 0 included.
            penalty: Penalty of both sides, in ratings; None takes the pair with the smallest leave-one-out error.
        """
        tried = _PENALTIES if penalty is None else (penalty,)
        fits = (_fit(users, items, ratings, sizes, pair) for pair in product(tried, tried))
        return min(fits, key=lambda fit: fit.error(users, items, ratings))

    def error(self, users: Rows, items: Rows, ratings: Values) -> float:
        """Mean squared error of the training ratings, each predicted by biases that are fitted without it."""
        centred = ratings - self.mean
        user = without(self.user[users], self.user_weight[users], centred - self.item[items])
        item = without(self.item[items], self.item_weight[items], centred - self.user[users])
        return float(np.mean((centred - user - item) ** 2))


def without(bias: Any, weight: Any, residual: Any) -> Any:
    """The bias as it would be without one of its ratings, the other side's biases being kept.

    Args:
        bias: Bias of a user or an item, arrays or tensors of one shape.
        weight: Number of its ratings plus the penalty.
        residual: The rating less the mean and the other side's bias.
    """
    return (bias * weight - residual) / (weight - 1)


def _fit(
    users: Rows, items: Rows, ratings: Values, sizes: tuple[int, int], penalties: tuple[float, float]
) -> RatingBiases:
    """Alternate between the closed forms of both sides."""
    mean = float(ratings.mean())
    centred = ratings - mean
    user_weight = np.bincount(users, minlength=sizes[0]).astype(np.float64) + penalties[0]
    item_weight = np.bincount(items, minlength=sizes[1]).astype(np.float64) + penalties[1]
    user, item = np.zeros(sizes[0]), np.zeros(sizes[1])
    for _ in range(_MOST_SWEEPS):
        before = item
        item = np.bincount(items, centred - user[users], sizes[1]) / item_weight
        user = np.bincount(users, centred - item[items], sizes[0]) / user_weight
        if np.abs(item - before).max() <= _TOLERANCE * ratings.std():
            break
    return RatingBiases(mean, user, item, user_weight, item_weight)
