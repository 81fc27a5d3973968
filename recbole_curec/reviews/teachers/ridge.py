"""The offline teacher: quotes the phrases of a review whose words move the rating."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recbole_curec.data.words import content_words
from recbole_curec.reviews.chains import Aspect, Chain, completion_of
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.phrases import Phrase, Words
from recbole_curec.reviews.quotations import distinct_aspects, most_quoted_words
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.teachers.teacher import ChainTeacher, TaughtChains

# Least effect of a phrase, as a multiple of a clear one: what agrees with the rating needs less.
_LEAST_AGREEING, _LEAST_OTHER = 1.0, 2.0
# Phrases of this many words are preferred: they name what they praise or blame.
_BEST_LENGTH = 4
_PER_WORD_MISSING, _PER_WORD_MORE = 0.1, 0.15


class _Rated(NamedTuple):
    """A phrase and its effect, weighed by how well it reads."""

    effect: float
    phrase: Phrase


class RidgeTeacher(ChainTeacher):
    """Names up to so many aspects of a review, then the rating it is told.

    Praise and blame are mixed as the rating says: a share of the aspects as large as the rating's place on the scale is
    praise. A language model that learns these chains thus names the evidence before the rating it leads to.

    Args:
        words: Terms that move the rating, from training reviews.
        scale: The scale of the ratings.
        aspects: Most aspects of a chain.

    Attributes:
        words: The terms.
    """

    def __init__(self, words: OpinionWords, scale: RatingScale, aspects: int) -> None:
        self.words, self._scale, self._aspects = words, scale, aspects

    @classmethod
    def fit(cls, texts: Sequence[str], ratings: Sequence[float], scale: RatingScale, aspects: int) -> RidgeTeacher:
        """A teacher that knows the given training reviews, and no other ones.

        Args:
            texts: The reviews.
            ratings: Their ratings.
            scale: The scale of the ratings.
            aspects: Most aspects of a chain.
        """
        return cls(OpinionWords.fit(texts, ratings, scale), scale, aspects)

    def write(self, texts: Sequence[str], ratings: Sequence[float]) -> TaughtChains:
        """See :meth:`~recbole_curec.reviews.teachers.teacher.ChainTeacher.write`."""
        chains = map(self.chain, texts, ratings)
        return TaughtChains(
            [completion_of(chain.aspects, rating, self._scale) for chain, rating in zip(chains, ratings, strict=True)]
        )

    def chain(self, text: str, rating: float) -> Chain:
        """The chain of one review; without aspects if none of its phrases moves the rating."""
        words = Words.of(text)
        rated = sorted(
            (_Rated(effect, phrase) for phrase in words.phrases() if (effect := self._effect(words, phrase))),
            key=lambda one: (-abs(one.effect), one.phrase.first),
        )
        share = (rating - self._scale.lowest) / (self._scale.highest - self._scale.lowest)
        praise = self._chosen(rated, 1, share)
        blame = self._chosen(rated, -1, 1 - share)
        kept = _mixed(praise, blame, share, self._aspects)
        return Chain(tuple(self._fitting(kept, text)), rating)

    def _effect(self, words: Words, phrase: Phrase) -> float:
        length = len(phrase.text.split())
        missing, more = max(_BEST_LENGTH - length, 0), max(length - _BEST_LENGTH, 0)
        return self.words.of(words, phrase) * (1 - _PER_WORD_MISSING * missing) / (1 + _PER_WORD_MORE * more)

    def _chosen(self, rated: Sequence[_Rated], sign: int, share: float) -> list[_Rated]:
        """Strong phrases of one sign that neither overlap nor repeat each other, the strongest first."""
        least = self.words.clear * (_LEAST_AGREEING if share > 1 / 2 else _LEAST_OTHER)
        chosen: list[_Rated] = []
        said: set[str] = set()
        for one in rated:
            if one.effect * sign < least or len(chosen) == self._aspects:
                continue
            phrase, content = one.phrase, content_words(one.phrase.text)
            if content & said or any(_meet(phrase, other.phrase) for other in chosen):
                continue
            chosen.append(one)
            said |= content
        return chosen

    def _fitting(self, rated: Sequence[_Rated], text: str) -> list[Aspect]:
        """The strongest aspects that quote no more of the review than a chain may."""
        aspects: list[Aspect] = []
        most = most_quoted_words(text)
        for one in rated:
            following = [*aspects, Aspect(1 if one.effect > 0 else -1, one.phrase.text)]
            quoted = sum(len(aspect.quote.split()) for aspect in following)
            if quoted <= most and len(distinct_aspects(following, text)) == len(following):
                aspects = following
        return aspects


def _meet(phrase: Phrase, other: Phrase) -> bool:
    return phrase.first <= other.last and other.first <= phrase.last


def _mixed(praise: list[_Rated], blame: list[_Rated], share: float, most: int) -> list[_Rated]:
    """Praise and blame as the rating says, the strongest first; what disagrees with it is in the minority."""
    agreeing, other = (praise, blame) if share >= 1 / 2 else (blame, praise)
    wanted = max(share, 1 - share) * most
    first = min(len(agreeing), max(round(wanted), 1))
    kept = agreeing[:first]
    second = min(round(first * (most - wanted) / wanted), most - first)
    if share != 1 / 2:
        second = min(second, max(first - 1, 0))
    apart = [one for one in other if not any(_meet(one.phrase, chosen.phrase) for chosen in kept)]
    return sorted([*kept, *apart[:second]], key=lambda one: (-abs(one.effect), one.phrase.first))
