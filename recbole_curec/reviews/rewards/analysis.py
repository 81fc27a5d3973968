"""The reward ``analysis``: whether a chain names what moves the rating, in the words of the review."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.reviews.chains import ParsedChain
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.phrases import Phrase, Words
from recbole_curec.reviews.quotations import Located, distinct_aspects, normal
from recbole_curec.reviews.rewards.reward import ChainReward
from recbole_curec.reviews.scale import RatingScale

# More aspects earn nothing more, so that there is no reason to look for weak ones.
ENOUGH = 3


class AnalysisReward(ChainReward):
    """A third for each aspect of its own whose words move the rating its way, up to three; 0 for a malformed chain.

    Invented, repeated, overlapping and contradicting quotations, quotations without a content word and chains that
    quote most of the review earn nothing (:func:`~recbole_curec.reviews.quotations.distinct_aspects`). Without the
    words that move the rating, three places of the review quoted without reading it would earn as much as a judgement.
    The rating has no part in it.

    Args:
        scale: The scale of the ratings.
        opinions: Words that move the rating, from the training reviews of the same fold.
    """

    name: ClassVar[str] = "analysis"

    def __init__(self, scale: RatingScale, opinions: OpinionWords) -> None:
        super().__init__(scale)
        self._opinions = opinions

    def score(self, chain: ParsedChain, text: str, rating: float) -> float:
        """See :meth:`~recbole_curec.reviews.rewards.reward.ChainReward.score`."""
        located = distinct_aspects(chain.chain.aspects, text) if chain.valid else []
        words = Words.of(normal(text)) if located else None
        counted = sum(words is not None and self._moves(words, one) for one in located)
        return min(counted, ENOUGH) / ENOUGH

    def _moves(self, words: Words, located: Located) -> bool:
        """Whether the words of a quotation, where they stand in the review, clearly have the effect of its sign."""
        inside = [
            number for number, (start, end) in enumerate(words.spans) if located.start <= start and end <= located.end
        ]
        if not inside:  # parts of words with an apostrophe
            return False
        effect = self._opinions.of(words, Phrase(inside[0], inside[-1], located.aspect.quote))
        return effect * located.aspect.sign >= self._opinions.clear > 0
