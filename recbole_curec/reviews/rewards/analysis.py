"""The reward ``analysis``: whether a chain names distinct aspects in the words of the review."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.reviews.chains import ParsedChain
from recbole_curec.reviews.quotations import distinct_aspects
from recbole_curec.reviews.rewards.reward import ChainReward

# More aspects earn nothing more, so that there is no reason to look for weak ones.
ENOUGH = 3


class AnalysisReward(ChainReward):
    """A third for each aspect of its own, up to three; 0 for a chain of the wrong form.

    Invented, repeated, overlapping and contradicting quotations, quotations without a content word and chains that
    quote most of the review earn nothing (:func:`~recbole_curec.reviews.quotations.distinct_aspects`). The rating has
    no part in it: whether signs are right shows in the report, not here.
    """

    name: ClassVar[str] = "analysis"

    def score(self, chain: ParsedChain, text: str, rating: float) -> float:
        """See :meth:`~recbole_curec.reviews.rewards.reward.ChainReward.score`."""
        if not chain.valid:
            return 0.0
        return min(len(distinct_aspects(chain.chain.aspects, text)), ENOUGH) / ENOUGH
