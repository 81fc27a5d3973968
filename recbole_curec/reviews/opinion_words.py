"""Words that move the rating, found in training reviews: a ridge regression of ratings on TF-IDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from recbole_curec.data.words import NEGATIONS, WORD, is_content, is_modifier, plain
from recbole_curec.reviews.phrases import Phrase, Words
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.stated_scores import without_scores

# Reviews that must hold a term; among few reviews, those of a small example, every term counts.
_MIN_REVIEWS, _FEW = 3, 200
_ALPHA = 1.0
# How many standard errors the mean rating of the reviews with a term lies from that of all: a coefficient alone also
# rests on terms that stand beside the one that matters.
# Below the first a term has no effect, from the second on its full one.
_UNSURE, _SURE = 1.5, 2.5
# A term of so many reviews keeps half of its coefficient.
_HALF_TRUSTED = 10
# What praise is worth behind a negation, for so many words: "not great" is less bad than "great" is good. Blame behind
# one is worth nothing: "not bad" is known as a pair if it is praise.
_NEGATED, _REACH = -0.7, 3
# Words of time, which tell who writes when: with nothing else they are no opinion.
_NEUTRAL = frozenset((
    "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "time", "times", "ago",
    "old", "today", "later",
))  # fmt: skip
# "not only works great" negates nothing.
_FEIGNED = (("only",), ("just",), ("merely",))


@dataclass(frozen=True)
class OpinionWords:
    """Terms of one or two words by how far they move the rating up or down.

    Attributes:
        effects: Effect of each term on the rating, in no particular unit; terms without a reliable effect are left out.
    """

    effects: Mapping[str, float]

    @classmethod
    def fit(cls, texts: Sequence[str], ratings: Sequence[float], scale: RatingScale) -> OpinionWords:
        """Learn the effects from training reviews.

        Reviews weigh as their ratings do (:meth:`~recbole_curec.reviews.scale.RatingScale.weight`), since most reviews
        of a shop are full of praise. A term has an effect if its coefficient and the mean rating of its reviews agree.

        Args:
            texts: The reviews.
            ratings: Their ratings.
            scale: The scale of the ratings.
        """
        least = _MIN_REVIEWS if len(texts) >= _FEW else 1
        shown = [without_scores(text) for text in texts]
        frequencies = Counter(word for text in shown for word in {word.lower() for word in WORD.findall(text)})
        if not frequencies or max(frequencies.values()) < least:
            return cls({})
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True, token_pattern=WORD.pattern)
        matrix: sp.csr_matrix = vectorizer.fit_transform(shown)
        targets = np.asarray(ratings, dtype=np.float64)
        weights = np.array([scale.weight(rating) for rating in targets])
        ridge = Ridge(alpha=_ALPHA, solver="lsqr").fit(matrix, targets, sample_weight=weights)
        counts, errors = _deviations(matrix, targets, weights)
        effects = ridge.coef_ * vectorizer.idf_ * counts / (counts + _HALF_TRUSTED)
        effects *= np.clip((np.abs(errors) - _UNSURE) / (_SURE - _UNSURE), 0, 1)
        kept = errors * effects > 0
        terms = vectorizer.get_feature_names_out()
        return cls({str(terms[k]): float(effects[k]) for k in np.flatnonzero(kept) if _says_something(str(terms[k]))})

    @cached_property
    def clear(self) -> float:
        """Size of a clear effect: that of the larger third of terms, or half of a strong term's; 0 without terms."""
        if not self.effects:
            return 0.0
        third, strong = np.quantile(np.abs(list(self.effects.values())), (2 / 3, 0.9))
        return float(min(third, strong / 2))

    def of(self, words: Words, phrase: Phrase) -> float:
        """Effect of a phrase of a review: the sum over its terms; a negation within it turns praise round.

        A phrase that a negation before it turns round has none: quoted alone it would say what its author does not.
        """
        if words.is_negated(phrase.first):
            return 0.0
        total = 0.0
        negated_until = -1
        for number in range(phrase.first, phrase.last + 1):
            word = words.plain[number]
            if word in NEGATIONS and words.plain[number + 1 : number + 2] not in _FEIGNED:
                negated_until = number + _REACH
            begins_negated = number > phrase.first and words.plain[number - 1] in NEGATIONS
            pair = self._pair(words, number - 1) if number > phrase.first else None
            if pair is not None:
                total += pair if number > negated_until or begins_negated else max(pair, 0.0) * _NEGATED
            if words.is_name(number) or not is_content(word):
                continue
            effect = self.effects.get(words.lower[number], 0.0)
            if number > negated_until:
                total += effect
            elif pair is None or not begins_negated:
                total += max(effect, 0.0) * _NEGATED
        return total

    def _pair(self, words: Words, number: int) -> float | None:
        """Effect of a word together with the next one."""
        return self.effects.get(f"{words.lower[number]} {words.lower[number + 1]}")


def _deviations(
    matrix: sp.csr_matrix, ratings: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Number of reviews of each term ``(V,)``, and how many standard errors their mean rating lies from the mean."""
    held = (matrix > 0).astype(np.float64)
    deviations = ratings - np.average(ratings, weights=weights)
    variance = np.average(deviations**2, weights=weights)
    counts = np.asarray(held.sum(axis=0)).ravel()
    errors = (held.T @ (weights * deviations)) / np.sqrt(variance * (held.T @ weights**2))
    return counts, errors


def _says_something(term: str) -> bool:
    words = [plain(word) for word in term.split(" ")]
    return any(is_content(word) and word not in _NEUTRAL for word in words) and all(
        is_content(word) or is_modifier(word) for word in words
    )
