"""The reward ``format``: whether a completion has the form of a chain."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.reviews.chains import ParsedChain
from recbole_curec.reviews.rewards.reward import ChainReward


class ChainFormatReward(ChainReward):
    """1 for a completion of the right form, else 0."""

    name: ClassVar[str] = "format"

    def score(self, chain: ParsedChain, text: str, rating: float) -> float:
        """See :meth:`~recbole_curec.reviews.rewards.reward.ChainReward.score`."""
        return float(chain.valid)
