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
    words = [word.lower() for word in words_of(prose)]
    phrases = [tuple(words[start : start + _PHRASE_WORDS]) for start in range(len(words) - _PHRASE_WORDS + 1)]
    return len(set(phrases)) < len(phrases)


def repeated_share(text: str, n: int = 3) -> float:
    """Share of repeated word n-grams in [0, 1]; 0 when nothing repeats."""
    words = [word.lower() for word in words_of(text)]
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0
