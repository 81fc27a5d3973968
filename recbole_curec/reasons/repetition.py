"""Repetition in text: whether a word or phrase is repeated, and the share of repeated n-grams."""

from __future__ import annotations

import re

from recbole_curec.reasons.parsing import words_of

# With a number, what stands in prose in the place of a name.
NAME_WORD = "name"
# A sequence of this many words that occurs twice is a repeated clause; shorter ones also recur in good prose.
_PHRASE_WORDS = 4
# Only space between the two: "it suits you: you took" is correct. The excluded words are doubled in correct English.
_TWICE = re.compile(r"\b(?!(?:had|that|very|so|really|much)\b)(\w+)\s+\1\b", re.IGNORECASE)
# A list that names one thing twice; "again and again" is correct English, so only artificial words of names count.
_LISTED_TWICE = re.compile(rf"\b({NAME_WORD}\d+)\s*(?:,|,? and|,? or|,? und|,? oder|&)\s+\1\b")


def repeats_itself(prose: str) -> bool:
    """Whether prose repeats a word in a row, a phrase, or a name within a list.

    Args:
        prose: The prose, each name in it replaced by :data:`NAME_WORD` and a number.
    """
    if _TWICE.search(prose) or _LISTED_TWICE.search(prose):
        return True
    phrases = _word_grams(prose, _PHRASE_WORDS)
    return len(set(phrases)) < len(phrases)


def repeated_share(text: str, n: int = 3) -> float:
    """Share of repeated word n-grams in [0, 1]; 0 when nothing repeats."""
    grams = _word_grams(text, n)
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


def _word_grams(text: str, n: int) -> list[tuple[str, ...]]:
    words = [word.lower() for word in words_of(text)]
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]
