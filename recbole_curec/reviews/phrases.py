"""Phrases of a review that read as aspects: its clauses, cut between function words into pieces of a few words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from recbole_curec.reviews.chains import MAX_QUOTE_WORDS, MIN_QUOTE_WORDS
from recbole_curec.reviews.stated_scores import score_spans

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
# Words stay in one clause across spaces and hyphens; any other mark ends it.
_WITHIN = re.compile(r"\s+|-")
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
_LINKS = frozenset((
    "is", "are", "was", "were", "be", "been", "of", "for", "to", "in", "with", "at", "on", "than", "a", "an", "the",
    "its", "my", "your", "this", "these", "from",
))  # fmt: skip
_MOST_LINKS = 3
# How many words before a phrase a negation can be that turns it round.
_NEAR = 4
_JOINING = frozenset(("and", "but", "or", "yet"))
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
    return (frozenset(ENGLISH_STOP_WORDS) | _FILLING | _LINKS) - _SAYING


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


@dataclass(frozen=True)
class Phrase:
    """Words of a review in a row.

    Attributes:
        first: Number of the first word.
        last: Number of the last word, which is included.
        text: The words as the review has them.
    """

    first: int
    last: int
    text: str


@dataclass(frozen=True)
class Words:
    """The words of a review.

    Attributes:
        text: The review.
        spans: First character of each word and the one behind its last.
        lower: Each word in lower case, as the vocabulary has it.
        plain: Each word in lower case without apostrophes.
        clauses: First word of each clause and the one behind its last.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    lower: tuple[str, ...]
    plain: tuple[str, ...]
    clauses: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """The words of a text; those that state a score are in no clause."""
        found = list(WORD.finditer(text))
        lower = tuple(word[0].lower() for word in found)
        clauses = tuple(_clauses(text, [word.span() for word in found]))
        return cls(text, tuple(word.span() for word in found), lower, tuple(map(plain, lower)), clauses)

    @cached_property
    def beginnings(self) -> frozenset[int]:
        """The first word of each clause."""
        return frozenset(first for first, _ in self.clauses)

    def is_negated(self, number: int) -> bool:
        """Whether a negation stands shortly before a word, in the same clause and with no "and" or "but" between."""
        for before in range(number - 1, max(number - _NEAR, 0) - 1, -1):
            if before + 1 in self.beginnings or self.plain[before] in _JOINING:
                return False
            if self.plain[before] in NEGATIONS:
                return True
        return False

    def phrase(self, first: int, last: int) -> Phrase:
        """The words from one to another."""
        return Phrase(first, last, self.text[self.spans[first][0] : self.spans[last][1]])

    def is_name(self, number: int) -> bool:
        """Whether a word looks like a name: a capital, then small letters, and not the first of its clause."""
        start, end = self.spans[number]
        return number not in self.beginnings and self.text[start].isupper() and self.text[start + 1 : end].islower()

    def phrases(self) -> Iterator[Phrase]:
        """Every phrase of content words in a row, with the modifiers before them, alone or joined by links."""
        for start, end in self.clauses:
            runs = list(self._runs(start, end))
            for number, (first, _) in enumerate(runs):
                for count, (_, last) in enumerate(runs[number : number + 3]):
                    if count and not self._are_linked(runs[number + count - 1], runs[number + count]):
                        break
                    phrase = self.phrase(first, last)
                    if MIN_QUOTE_WORDS <= len(phrase.text.split()) <= MAX_QUOTE_WORDS:
                        yield phrase

    def _runs(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """First and last word of each run of content words in a clause."""
        first: int | None = None
        for number in range(start, end + 1):
            word = self.plain[number] if number < end else None
            if word is not None and (is_modifier(word) or is_content(word)):
                first = number if first is None else first
                continue
            if first is None:
                continue
            said = [place for place in range(first, number) if is_content(self.plain[place])]
            if said:
                yield first, said[-1]
            elif word in _LINKS and any(word in NEGATIONS for word in self.plain[first:number]):
                continue  # "not a bad product"
            first = None

    def _are_linked(self, run: tuple[int, int], following: tuple[int, int]) -> bool:
        between = self.plain[run[1] + 1 : following[0]]
        return len(between) <= _MOST_LINKS and all(word in _LINKS for word in between)


def _clauses(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First word of each clause and the one behind its last."""
    scores = score_spans(text)
    start = 0
    for number, (begin, end) in enumerate(spans):
        is_score = any(first < end and begin < last for first, last in scores)
        gap = text[end : spans[number + 1][0]] if number + 1 < len(spans) else "."
        if is_score or not _WITHIN.fullmatch(gap):
            behind = number if is_score else number + 1
            if behind > start:
                yield start, behind
            start = number + 1
