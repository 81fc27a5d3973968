"""Quotations of a review: where they stand in it, and which of them are aspects of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from recbole_curec.data.words import content_words
from recbole_curec.reviews.chains import MAX_QUOTE_WORDS, Aspect

# A chain may quote this share of a review, and in a short review the words of one quotation.
_MOST_QUOTED = 0.5
# What stands between two quotations that are one passage cut in two; a comma separates two statements.
_ONE_PASSAGE = re.compile(r"[\s-]*")
# Two characters of one word: a quotation does not begin or end between them.
_JOINED = re.compile(r"\w\w")


@dataclass(frozen=True)
class Located:
    """An aspect and where it stands in the review, as :func:`normal` writes it.

    Attributes:
        aspect: The aspect.
        start: Its first character.
        end: The one behind its last.
    """

    aspect: Aspect
    start: int
    end: int


def normal(text: str) -> str:
    """A text as quotations are compared: without case, with single spaces."""
    return " ".join(text.casefold().split())


def most_quoted_words(text: str) -> int:
    """How many words of a review a chain may quote, at most."""
    return max(MAX_QUOTE_WORDS, int(len(text.split()) * _MOST_QUOTED))


def quotes(text: str, quote: str) -> bool:
    """Whether a review holds a quotation word for word, apart from case and white space."""
    return bool(_places(normal(text), normal(quote)))


def distinct_aspects(aspects: Sequence[Aspect], text: str) -> list[Located]:
    """The aspects of a chain that say something of their own about the review.

    An aspect counts if the review holds its quotation, if it has a content word that no aspect before it has, and if it
    overlaps with none of them. A quotation with both signs counts for neither. Quotations with nothing but a space
    between them are one, and what is longer than one may be does not count. Nothing counts if the chain quotes more of
    the review than :func:`most_quoted_words`.
    """
    review = normal(text)
    found = _located(aspects, review)
    if sum(len(one.aspect.quote.split()) for one in found) > most_quoted_words(text):
        return []
    seen: set[str] = set()
    counted: list[Located] = []
    for passage in _passages(found, review):
        parts = [one.aspect for one in passage]
        words = sum(len(part.quote.split()) for part in parts)
        said = content_words(" ".join(part.quote for part in parts))
        contradicted = any(_is_contradicted(part, aspects) for part in parts)
        if words <= MAX_QUOTE_WORDS and not said <= seen and not contradicted:
            counted.append(passage[0])
        seen |= said
    return counted


def _places(review: str, quote: str) -> list[tuple[int, int]]:
    """Where a quotation stands as whole words, first and last character, the last not included."""
    found = []
    start = review.find(quote) if quote else -1
    while start >= 0:
        end = start + len(quote)
        if not (_JOINED.search(review[max(start - 1, 0) : start + 1]) or _JOINED.search(review[end - 1 : end + 1])):
            found.append((start, end))
        start = review.find(quote, start + 1)
    return found


def _located(aspects: Sequence[Aspect], review: str) -> list[Located]:
    """The aspects at the first place of the review that no other one has taken, in the order of the chain."""
    found: list[Located] = []
    for aspect in aspects:
        for start, end in _places(review, normal(aspect.quote)):
            if all(end <= one.start or one.end <= start for one in found):
                found.append(Located(aspect, start, end))
                break
    return found


def _passages(found: Sequence[Located], review: str) -> list[list[Located]]:
    """Quotations in the order of the review, those of one passage together."""
    passages: list[list[Located]] = []
    for one in sorted(found, key=lambda one: one.start):
        if passages and _ONE_PASSAGE.fullmatch(review[passages[-1][-1].end : one.start]):
            passages[-1].append(one)
        else:
            passages.append([one])
    return passages


def _is_contradicted(aspect: Aspect, aspects: Sequence[Aspect]) -> bool:
    """Whether another aspect with the other sign says the same, or part of it."""
    said = content_words(aspect.quote)
    for other in aspects:
        words = content_words(other.quote)
        if other.sign != aspect.sign and words and (words <= said or said <= words):
            return True
    return False
