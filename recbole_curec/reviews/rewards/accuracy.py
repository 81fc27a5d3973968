"""The reward ``accuracy``: how near the written rating is to the true one, more for rare ratings.

Two brackets rate an error e, written minus true rating. They are multiplied by the weight of the true rating, one over
the root of its share in training, and scaled to [-1, 1] by the most that this scale of ratings allows. The most never
depends on the batch: a reward scaled by its batch is flattened by one outlier.

=========  ======  =====  =====  ====  =====  =====  =====
e              -4     -2     -1     0      1      2      4
=========  ======  =====  =====  ====  =====  =====  =====
published  -10.72  -1.26  -0.05  0.80  -1.29  -1.59  -1.60
symmetric   -0.88  -0.50   0.00  1.00   0.00  -0.50  -0.88
=========  ======  =====  =====  ====  =====  =====  =====
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

from recbole_curec.reviews.chains import ParsedChain
from recbole_curec.reviews.rewards.reward import ChainReward
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.settings.chains import RatingReward

UNPARSABLE = -1.0


def published(error: float) -> float:
    """The published bracket ``0.8 exp(-e^2) + 0.2 pen(e)``; the error is in units of the rating.

    It is lopsided: one too low is nearly free, one too high costs as much as four too high, and what is far too low
    costs exponentially much: -10.7 for four too low, -1620 for nine. Scaled by such a number, other errors on a scale
    of 1 to 10 hardly differ from each other.
    """
    penalty = -math.expm1(abs(error)) if error < 0 else -8 * (1 - math.exp(-4 * error) / (1 + error))
    return 0.8 * math.exp(-(error**2)) + 0.2 * penalty


def symmetric(error: float) -> float:
    """The bracket ``2^(1 - |e|) - 1``; the error is in steps of the scale.

    1 for the right rating, 0 for one step off, and each further step halves the distance to -1: it is bounded, and far
    errors still differ. Since it counts steps, one off is the same on a scale of 1 to 5, of 1 to 10 and of half stars.
    """
    return float(2 ** (1 - abs(error)) - 1)


class AccuracyReward(ChainReward):
    """From -1 to 1; -1 for a completion whose rating cannot be read.

    Args:
        scale: The scale of the ratings.
        formula: The bracket.
        weighted: Whether rare ratings weigh more.
    """

    name: ClassVar[str] = "accuracy"

    def __init__(self, scale: RatingScale, formula: RatingReward, *, weighted: bool = True) -> None:
        super().__init__(scale)
        self._bracket: Callable[[float], float]
        self._bracket, self._unit = (published, 1.0) if formula == "published" else (symmetric, scale.step)
        self._weighted = weighted
        ends = (scale.lowest, scale.highest)
        values = [self._weighed(written, true) for true in scale.levels for written in (*scale.levels, *ends)]
        self._most, self._least = max(values), min(values)

    def score(self, chain: ParsedChain, text: str, rating: float) -> float:
        """See :meth:`~recbole_curec.reviews.rewards.reward.ChainReward.score`."""
        if chain.chain.rating is None:
            return UNPARSABLE
        value = self._weighed(chain.chain.rating, rating)
        # The sign stays: what the bracket calls a loss is one.
        return value / self._most if value >= 0 else -value / self._least

    def _weighed(self, written: float, true: float) -> float:
        weight = self.scale.weight(true) if self._weighted else 1.0
        return weight * self._bracket((written - true) / self._unit)
