"""One number for everybody: the commonest training rating, the mean, the median."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline
from recbole_curec.benchmark.rating_splits import RatingRows


class _Constant(RatingBaseline):
    _value: float

    @staticmethod
    @abstractmethod
    def constant(ratings: NDArray[np.float64]) -> float:
        """The number that is predicted, from the training ratings."""

    def fit(self, train: RatingRows) -> None:
        """Compute the number."""
        self._value = self.constant(train.ratings)

    def predict(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
        """The number, once per pair."""
        return np.full(len(users), self._value)


class Mode(_Constant):
    """The commonest training rating, the lowest of equally common ones."""

    name = "mode"

    @staticmethod
    def constant(ratings: NDArray[np.float64]) -> float:
        """The commonest rating."""
        levels, counts = np.unique(ratings, return_counts=True)
        return float(levels[counts.argmax()])


class GlobalMean(_Constant):
    """The mean training rating, the best constant by squared error."""

    name = "mean"

    @staticmethod
    def constant(ratings: NDArray[np.float64]) -> float:
        """The mean."""
        return float(ratings.mean())


class Median(_Constant):
    """The median training rating, the best constant by absolute error."""

    name = "median"

    @staticmethod
    def constant(ratings: NDArray[np.float64]) -> float:
        """The median."""
        return float(np.median(ratings))
