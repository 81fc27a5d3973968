"""The rating scale of a data set, and how often each rating occurs in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import DataError

# Ratings that differ by less are the same one: they come back from six written digits.
_SAME = 1e-4


@dataclass(frozen=True)
class RatingScale:
    """The distinct ratings of the training reviews, lowest first, with their frequencies.

    Attributes:
        levels: The distinct ratings.
        shares: Share of the training reviews with each of them; they sum to 1.
    """

    levels: tuple[float, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, ratings: NDArray[np.float64] | Sequence[float]) -> RatingScale:
        """The scale of some ratings.

        Raises:
            DataError: There are fewer than two distinct ratings, so there is nothing to predict.
        """
        levels, counts = np.unique(np.asarray(ratings, dtype=np.float64), return_counts=True)
        if len(levels) < 2:
            found = f"every training review is rated {levels[0]:g}" if len(levels) else "there is no training review"
            raise DataError(f"Ratings cannot be predicted: {found}; give a file with at least two different ratings.")
        return cls(tuple(map(float, levels)), tuple(float(count / counts.sum()) for count in counts))

    @property
    def lowest(self) -> float:
        """The lowest rating."""
        return self.levels[0]

    @property
    def highest(self) -> float:
        """The highest rating."""
        return self.levels[-1]

    @property
    def step(self) -> float:
        """The smallest gap between two neighbouring levels: 1 for ratings of 1 to 5 and of 1 to 10."""
        return float(np.diff(self.levels).min())

    @property
    def middle(self) -> float:
        """Half-way between the lowest and the highest rating."""
        return (self.lowest + self.highest) / 2

    def holds(self, value: float) -> bool:
        """Whether a value is a rating of this scale: a level, or a whole number of steps from the lowest to it.

        A whole star that no training review gave is one.
        """
        if not self.lowest <= value <= self.highest:
            return False
        steps = (value - self.lowest) / self.step
        return abs(value - self.nearest(value)) < _SAME or abs(steps - round(steps)) < _SAME

    def nearest(self, value: float) -> float:
        """The level next to a value; the lower one of two that are equally near."""
        return min(self.levels, key=lambda level: (abs(level - value), level))

    def weight(self, rating: float) -> float:
        """Weight of a rating: one over the root of its share, scaled so that the mean over training reviews is 1.

        Rare ratings weigh more, so that a reward does not pay for always predicting the commonest rating.
        """
        return float(self.weights()[self.levels.index(self.nearest(rating))])

    def weights(self, power: float = 1.0) -> NDArray[np.float64]:
        """The :meth:`weight` of every level to a power, again with mean 1 over training reviews, shape ``(L,)``.

        Args:
            power: 0 weighs all alike, 2 gives every rating the same total weight.
        """
        shares = np.array(self.shares)
        rarities = shares ** (-power / 2)
        found: NDArray[np.float64] = rarities / (shares * rarities).sum()
        return found

    @property
    def bounds(self) -> NDArray[np.float64]:
        """What lies half-way between neighbouring levels, shape ``(L - 1,)``."""
        levels = np.array(self.levels)
        found: NDArray[np.float64] = (levels[1:] + levels[:-1]) / 2
        return found

    @staticmethod
    def text(rating: float) -> str:
        """A rating as it is written: ``4``, ``3.5``."""
        return f"{rating:g}"
