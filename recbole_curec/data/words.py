"""Words of reviews: what a word is, which say something of their own, and which only join or change others."""

from __future__ import annotations

import re
from functools import lru_cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
# Words stay in one clause across spaces and hyphens; any other mark ends it.
WITHIN = re.compile(r"\s+|-")
NEGATIONS = frozenset((
    "no", "not", "never", "nothing", "none", "nor", "cannot", "without", "hardly", "barely", "neither", "isnt",
    "dont", "doesnt", "didnt", "wasnt", "wont", "cant", "couldnt", "wouldnt", "shouldnt", "arent", "werent", "havent",
    "hasnt", "hadnt", "aint",
))  # fmt: skip
# Words that belong to what follows them: "too short", "not bad".
_MODIFIERS = NEGATIONS | frozenset((
    "very", "too", "so", "really", "more", "most", "less", "least", "much", "quite", "such", "even", "only", "enough",
))  # fmt: skip
# Words that join two runs of content words into one phrase: "cable is too short", "easy to use".
LINKS = frozenset((
    "is", "are", "was", "were", "be", "been", "of", "for", "to", "in", "with", "at", "on", "than", "a", "an", "the",
    "its", "my", "your", "this", "these", "from",
))  # fmt: skip
# Stop words of the usual list that say something of their own in a review.
_SAYING = frozenset((
    "well", "off", "out", "up", "down", "back", "full", "empty", "thick", "thin", "serious", "sincere", "interest",
    "system", "fire", "cry",
))  # fmt: skip
# What the usual list leaves out: contractions, and words that fill a sentence.
_FILLING = frozenset((
    "im", "ive", "id", "ill", "its", "thats", "theres", "theyre", "youre", "youll", "youd", "hes", "shes", "weve",
    "were", "whats", "lets", "theyve", "just", "got", "also", "ok", "okay", "does", "did", "doing", "thing", "things",
    "stuff", "etc", "said", "says", "say", "let", "maybe", "perhaps", "ones", "lot", "lots", "way", "unless",
    "despite",
))  # fmt: skip


def plain(word: str) -> str:
    """A word in lower case without apostrophes."""
    return word.lower().replace("'", "").replace("\u2019", "")


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    return (frozenset(ENGLISH_STOP_WORDS) | _FILLING | LINKS) - _SAYING


@lru_cache(maxsize=1 << 16)
def is_modifier(word: str) -> bool:
    """Whether a plain word changes what follows it: a negation or a degree."""
    return word in _MODIFIERS


@lru_cache(maxsize=1 << 16)
def is_content(word: str) -> bool:
    """Whether a plain word says something of its own: no stop word, no modifier, no number, no single letter."""
    return len(word) > 1 and word not in _stop_words() and word not in _MODIFIERS and not word.isdigit()


def content_words(text: str) -> frozenset[str]:
    """The plain words of a text that say something of their own."""
    return frozenset(word for found in WORD.findall(text) if is_content(word := plain(found)))
