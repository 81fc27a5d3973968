"""Sentences of a review that can be references: those that state no score, and are about the item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from recbole_curec.data.review_excerpts import split_sentences, terms_of
from recbole_curec.reasons.parsing import MAX_WORDS
from recbole_curec.reviews.stated_scores import score_spans

# A word is the item's own if at least so many of its reviews have it, and so many times the usual share of them.
_FEWEST_REVIEWS = 2
_LIFT = 2.0


def clean_sentences(review: str, most_words: int = MAX_WORDS) -> list[str]:
    """The sentences of a review that state no score, such as ``8/10``, and are neither too short nor too long.

    A score is dropped with its sentence, of which "I give it" would be left. What runs on for a hundred words is
    several sentences without a full stop.

    Args:
        review: The review.
        most_words: Longest sentence, in words; as long as a reason may be by default.
    """
    return [
        sentence
        for sentence in split_sentences(review)
        if len(sentence.split()) <= most_words and not score_spans(sentence)
    ]


def about_item(sentences: Sequence[str], terms: Set[str], most: int) -> tuple[str, ...]:
    """The sentences that share most words with an item, in their own order, the earlier first among equals.

    Args:
        sentences: Sentences of one review.
        terms: Words of the item.
        most: How many, at most; 0 takes all sentences, whatever they speak of.
    """
    if not most:
        return tuple(sentences)
    shared = [len(terms_of(sentence) & terms) for sentence in sentences]
    chosen = sorted((place for place, count in enumerate(shared) if count), key=lambda place: -shared[place])[:most]
    return tuple(sentences[place] for place in sorted(chosen))


@dataclass(frozen=True)
class ItemWords:
    """The words by which a sentence is told to be about an item: those of its text, and of reviews of it.

    Attributes:
        reviews: Number of reviews.
        frequency: In how many reviews a word occurs.
        by_item: Words of every item and in how many of its reviews each occurs.
        sizes: Number of reviews of every item.
        texts: Text of every item.
    """

    reviews: int
    frequency: Mapping[str, int]
    by_item: Mapping[str, Mapping[str, int]]
    sizes: Mapping[str, int]
    texts: Mapping[str, str]

    @classmethod
    def of(cls, items: Sequence[str], reviews: Sequence[str], texts: Mapping[str, str]) -> ItemWords:
        """Count the words of reviews.

        Args:
            items: Item of every review.
            reviews: The reviews.
            texts: Text of items, such as title and genres.
        """
        frequency: Counter[str] = Counter()
        by_item: dict[str, Counter[str]] = {}
        for item, review in zip(items, reviews, strict=True):
            words = terms_of(review)
            frequency.update(words)
            by_item.setdefault(item, Counter()).update(words)
        return cls(len(reviews), frequency, by_item, Counter(items), texts)

    def of_item(self, item: str) -> frozenset[str]:
        """Words of an item's text, and words that are at least twice as common in its reviews as in all."""
        own = self.by_item.get(item, {})
        needed = _LIFT * self.sizes.get(item, 0) / max(self.reviews, 1)
        typical = {
            word for word, count in own.items() if count >= _FEWEST_REVIEWS and count >= needed * self.frequency[word]
        }
        return frozenset(typical) | terms_of(self.texts.get(item, ""))
