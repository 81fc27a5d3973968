"""Repetition in text: whether a word or phrase is repeated, and the share of repeated n-grams."""

from __future__ import annotations

import re

from recbole_curec.reasons.parsing import words_of

# A sequence of this many words that occurs twice is a repeated clause; shorter ones also recur in good prose.
_PHRASE_WORDS = 4
# Only space between the two: "it suits you: you took" is correct. The excluded words are doubled in correct English.
_TWICE = re.compile(r"\b(?!(?:had|that|very|so|really|much)\b)(\w+)\s+\1\b", re.IGNORECASE)


def repeats_itself(prose: str) -> bool:
    """Whether prose, in which each name is replaced by one word, repeats a word in a row or a phrase."""
    if _TWICE.search(prose):
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
