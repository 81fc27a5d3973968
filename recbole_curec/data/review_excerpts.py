"""Excerpts from a user's reviews of earlier items: the one sentence of a review that is most relevant to a target."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from recbole_curec.data.cleaning import MAX_CHARACTERS

# Longest quotation, in words: short enough for a reason with one more fact.
_MOST_WORDS = 14
_FEWEST_WORDS = 3
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_TERM = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class ReviewExcerpt:
    """A quotation from the user's own review of an earlier item.

    Attributes:
        name: The item the review is about.
        text: The words quoted, exactly as the cleaned review has them.
    """

    name: str
    text: str


def terms_of(text: str) -> frozenset[str]:
    """Words of a text without stop words, in lower case."""
    return frozenset(word for word in _TERM.findall(text.lower()) if word not in ENGLISH_STOP_WORDS)


def split_sentences(text: str) -> list[str]:
    """Sentences of a text, which also end at a semicolon; those of fewer than three words are left out."""
    return [sentence for sentence in _SENTENCE.split(text) if len(sentence.split(" ")) >= _FEWEST_WORDS]


def best_sentence(review: str, target_terms: Set[str]) -> str | None:
    """The sentence of a review that shares most terms with a target, the first among equals; None if none shares any.

    A long sentence is cut to the words around the first shared term; if the result still has more than
    ``MAX_CHARACTERS`` characters it is not normal prose, and the result is None.
    """
    best, most = None, 0
    for sentence in split_sentences(review):
        shared = len(terms_of(sentence) & target_terms)
        if shared > most:
            best, most = sentence, shared
    quoted = None if best is None else _cut(best, target_terms)
    return quoted if quoted is None or len(quoted) <= MAX_CHARACTERS else None


def _cut(sentence: str, target_terms: Set[str]) -> str:
    words = sentence.split(" ")
    first = next((place for place, word in enumerate(words) if terms_of(word) & target_terms), 0)
    start = max(min(first - _MOST_WORDS // 2, len(words) - _MOST_WORDS), 0)
    return " ".join(words[start : start + _MOST_WORDS]).strip(" .!?,;:-")
