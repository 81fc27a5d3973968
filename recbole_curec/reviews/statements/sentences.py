"""Which sentences of a review are statements about its item that stand on their own."""

from __future__ import annotations

import re
from itertools import pairwise

from recbole_curec.data.words import content_words
from recbole_curec.llm.ending import sentence_ends
from recbole_curec.reviews.stated_scores import score_spans

# Length of a statement in words, and of one that a reason can quote beside a fact.
FEWEST_WORDS, MOST_WORDS, MOST_QUOTED_WORDS = 6, 30, 14
_LEAST_CONTENT = 3
_LEAST_LETTERS, _MOST_CAPITALS = 0.7, 0.5
_END = " .!,;:-"
# Talk of the reviewer, of when it was written, of other reviews, and links: true of the reviewer's day alone.
_BOUND = re.compile(
    r"\b(?:i|i'\w+|im|ive|me|my|mine|myself|we|we'\w+|us|our|ours|ourselves"
    r"|yesterday|today|tonight|tomorrow|ago|recently|lately|nowadays"
    r"|(?:last|this|next|the other)\s(?:night|day|week|weekend|month|year|morning|evening|summer|winter|christmas)"
    r"|reviews?|reviewers?|comments?|commenters?|spoilers?|imdb|amazon|e?mail)\b"
    r"|https?:|www\.|@",
    re.IGNORECASE,
)
# A sentence that begins so leans on the one before it.
_LEANING = re.compile(
    r"(?:and|but|or|so|nor|because|which|then|however|therefore|thus|also|yet|anyway|besides|still|instead|otherwise"
    r"|he|she|they|his|her|their|him|them|these|those|both|another|it's|its|that's|that)\b",
    re.IGNORECASE,
)


def statements_of(review: str) -> list[tuple[str, float]]:
    """The statements of a cleaned review, in order.

    A statement is a whole sentence of 6 to 30 words with at least three content words. It states no score, asks
    nothing, does not lean on the sentence before it, and speaks neither of its writer nor of the day it was written.

    Args:
        review: A review as :func:`~recbole_curec.data.cleaning.clean_text` leaves it.

    Returns:
        Each statement without the mark at its end, and its place in the review: 0 for the first sentence, 1 for the
        last.
    """
    sentences = _sentences(review)
    last = max(len(sentences) - 1, 1)
    told = ((sentence.strip(_END), place / last) for place, sentence in enumerate(sentences) if "?" not in sentence)
    return [(text, place) for text, place in told if _is_statement(text)]


def is_quotable(text: str) -> bool:
    """Whether a statement is short enough for a reason to quote it beside a fact."""
    return len(text.split(" ")) <= MOST_QUOTED_WORDS


def _sentences(review: str) -> list[str]:
    bounds = [0, *sentence_ends(review), len(review)]
    return [review[start:end].strip() for start, end in pairwise(bounds)]


def _is_statement(text: str) -> bool:
    words = text.split(" ")
    if not (FEWEST_WORDS <= len(words) <= MOST_WORDS and text.isprintable() and text[0].isalnum()):
        return False
    if text[0].islower() or text.count("(") != text.count(")"):
        return False
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _LEAST_LETTERS * len(text.replace(" ", "")):
        return False
    if sum(letter.isupper() for letter in letters) > _MOST_CAPITALS * len(letters):
        return False
    if _LEANING.match(text) or _BOUND.search(text) or score_spans(text):
        return False
    return len(content_words(text)) >= _LEAST_CONTENT
