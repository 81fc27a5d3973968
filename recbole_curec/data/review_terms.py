"""Words and pairs of words that are characteristic of an item: many of its reviewers use them, few reviewers of others.

No single review decides what comes out. A term needs at least :data:`FEWEST_REVIEWERS` different reviewers of the item,
a reviewer who repeats it counts once, and it is weighed as if one of them were missing. Whichever review of the item is
left out, at least two others use each of its terms.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tqdm import tqdm

from recbole_curec.data.word_uses import word_uses

# Reviewers of an item who must use a term: whoever reads about the item did not write two of them.
FEWEST_REVIEWERS = 3
# How much more common a term must be here than elsewhere, in logits, to be told of an item; and to name it.
_LEAST_LOGIT, _NAMING_LOGIT = 0.3, 1.0
# A term whose uses are spread over the items as by chance has a concentration of 1. One as concentrated as the last
# number is used of one or two things alone, and helps to name them whatever part of speech it is.
_LEAST_CONCENTRATION, _NAMING_CONCENTRATION, _OF_FEW_ITEMS = 1.3, 2.2, 25.0
# Nouns that judge or count, whatever the thing is.
_JUDGING = frozenset((
    "best", "better", "good", "great", "worst", "favorite", "favourite", "idea", "difference", "job", "review",
    "problem", "issue", "reason", "star", "price", "money", "product", "quality", "purchase", "value", "deal", "time",
    "year", "month", "week", "day", "minute", "hour", "lot", "bit", "little", "first", "last", "new", "old",
))  # fmt: skip
# Pseudo-counts: a term of no other item is no more certain than one of a single other review.
_OWN_PRIOR, _OTHERS_PRIOR = 0.5, 1.0
# Share of the reviews with a word that use it as a noun; and reviews that must speak for it.
_NOUN_SHARE, _MASS_NOUN_SHARE, _NOUN_PRIOR = 0.2, 0.25, 3
_NAME_SHARE = 0.6


@dataclass(frozen=True)
class Term:
    """A word or two words in a row.

    Attributes:
        words: The words in singular and lower case.
        shown: As it is mostly written.
        weight: How characteristic it is of the item.
        is_kind: Whether it says what kind of thing an item is: a noun, as far as that can be told without a tagger.
        is_label: Whether it tells an item from others: such a noun, a brand, a model, or a word of few items.
    """

    words: tuple[str, ...]
    shown: str
    weight: float
    is_kind: bool
    is_label: bool


def characteristic_terms(reviews: Mapping[str, Sequence[str]], *, progress: bool = False) -> dict[str, list[Term]]:
    """The terms of every item, the most characteristic first.

    A term's weight is the share of the item's reviewers who use it, times how much higher its logit is than among the
    reviews of all other items: log-odds with a prior, as of Monroe et al., "Fightin' Words" (2008).

    Args:
        reviews: By item, the cleaned text of every reviewer, one each.
        progress: Whether a progress bar is drawn.

    Returns:
        Terms by item, in the order of ``reviews``; they depend on no order of the reviews.
    """
    with tqdm(total=2 * len(reviews), desc="reading reviews", disable=not progress) as bar:
        counts = _Counts()
        for item, texts in reviews.items():
            counts.add_item(item, texts)
            bar.update()
        wanted = {words for own in counts.of_item.values() for words in own}
        for texts in reviews.values():
            counts.add_totals(texts, wanted)
            bar.update()
    return {item: counts.terms(item) for item in reviews}


@dataclass
class _Counts:
    """In how many reviews, by item and altogether, a term occurs, and as what."""

    reviews: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    of_item: dict[str, dict[tuple[str, ...], int]] = field(default_factory=dict)
    together: defaultdict[tuple[str, ...], float] = field(default_factory=lambda: defaultdict(float))
    uses: Counter[str] = field(default_factory=Counter)
    as_noun: Counter[str] = field(default_factory=Counter)
    as_mass_noun: Counter[str] = field(default_factory=Counter)
    as_name: Counter[str] = field(default_factory=Counter)
    totals: Counter[tuple[str, ...]] = field(default_factory=Counter)
    forms: defaultdict[tuple[str, ...], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add_item(self, item: str, texts: Sequence[str]) -> None:
        """Count an item's terms that enough reviewers use, and how every word is used."""
        own: Counter[tuple[str, ...]] = Counter()
        for text in texts:
            found = word_uses(text)
            own.update({use.words for use in found})
            single = [use for use in found if len(use.words) == 1]
            self.uses.update({use.words[0] for use in single})
            self.as_noun.update({use.words[0] for use in single if use.is_noun})
            self.as_mass_noun.update({use.words[0] for use in single if use.is_mass_noun})
            self.as_name.update({use.words[0] for use in single if use.is_name})
        self.reviews += len(texts)
        self.sizes[item] = len(texts)
        for words, count in own.items():
            if count > 1:
                self.together[words] += count * (count - 1) / (len(texts) - 1)
        self.of_item[item] = {words: count for words, count in own.items() if count >= FEWEST_REVIEWERS}

    def add_totals(self, texts: Sequence[str], wanted: set[tuple[str, ...]]) -> None:
        """Count the wanted terms over all reviews, and how they are written."""
        for text in texts:
            found = [use for use in word_uses(text) if use.words in wanted]
            self.totals.update({use.words for use in found})
            for words, form in {(use.words, use.form) for use in found if use.form}:
                self.forms[words][form] += 1

    def terms(self, item: str) -> list[Term]:
        """An item's terms, the most characteristic first."""
        found = []
        for words in self.of_item[item]:
            logit = self._logit(item, words)
            weakest = min(logit, *(self._logit(item, (word,)) for word in words))
            concentration = self._concentration(words)
            if weakest <= _LEAST_LOGIT or concentration <= _LEAST_CONCENTRATION:
                continue
            share = (self.of_item[item][words] - 1) / self.sizes[item]
            least = min(concentration, *(self._concentration((word,)) for word in words))
            names = logit > _NAMING_LOGIT and least > _NAMING_CONCENTRATION and _JUDGING.isdisjoint(words)
            noun, brand = self._is_noun(words[-1]), self._is_name(words[-1])
            label = names and (noun or brand or (len(words) == 1 and concentration > _OF_FEW_ITEMS))
            found.append(Term(words, self._shown(words), share * logit, names and noun and not brand, label))
        return sorted(found, key=lambda term: (-round(term.weight, 9), term.words))

    def _logit(self, item: str, words: tuple[str, ...]) -> float:
        """How much more often an item's reviews use a term than those of others, without one of its reviewers."""
        used, size = self.of_item[item][words], self.sizes[item]
        own = (used - 1 + _OWN_PRIOR) / (size + 2 * _OWN_PRIOR)
        others = (self.totals[words] - used + _OTHERS_PRIOR) / (self.reviews - size + 2 * _OTHERS_PRIOR)
        return _log_odds(own) - _log_odds(others)

    def _concentration(self, words: tuple[str, ...]) -> float:
        """How much more often two reviews of one item both use a term than any two reviews do."""
        return self.together[words] * self.reviews / self.totals[words] ** 2

    def _shown(self, words: tuple[str, ...]) -> str:
        """The most frequent form, if it is not that of one or two reviews; else the plain words."""
        forms = {form: count for form, count in self.forms[words].items() if count >= FEWEST_REVIEWERS}
        return min(forms, key=lambda form: (-forms[form], form), default=" ".join(words))

    def _is_noun(self, word: str) -> bool:
        uses = self.uses[word] + _NOUN_PRIOR
        return self.as_noun[word] >= _NOUN_SHARE * uses or self.as_mass_noun[word] >= _MASS_NOUN_SHARE * uses

    def _is_name(self, word: str) -> bool:
        return self.as_name[word] >= _NAME_SHARE * self.uses[word]


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))
