"""Whether a reason repeats itself (a word or name twice in a row, a whole phrase twice), and how much of it."""

from __future__ import annotations

import re

from recbole_curec.reasons.parsing import words_of

# So many words in a row that come twice are a clause said twice; shorter ones recur in good prose.
_PHRASE_WORDS = 4
# Nothing but space may lie between: "it suits you: you took" is sound. English doubles the words named on purpose.
_TWICE = re.compile(r"\b(?!(?:had|that|very|so|really|much)\b)(\w+)\s+\1\b", re.IGNORECASE)


def repeats_itself(prose: str) -> bool:
    """Whether prose, every name in it standing as one word, says the same thing twice."""
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
