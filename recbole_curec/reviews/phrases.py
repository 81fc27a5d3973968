"""Phrases of a review that read as aspects: its clauses, cut between function words into pieces of a few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from recbole_curec.data.words import LINKS, NEGATIONS, WITHIN, WORD, is_content, is_modifier, plain
from recbole_curec.reviews.chains import MAX_QUOTE_WORDS, MIN_QUOTE_WORDS
from recbole_curec.reviews.stated_scores import score_spans

_MOST_LINKS = 3
# How many words before a phrase a negation can be that turns it round.
_NEAR = 4
_JOINING = frozenset(("and", "but", "or", "yet"))


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
            elif word in LINKS and any(word in NEGATIONS for word in self.plain[first:number]):
                continue  # "not a bad product"
            first = None

    def _are_linked(self, run: tuple[int, int], following: tuple[int, int]) -> bool:
        between = self.plain[run[1] + 1 : following[0]]
        return len(between) <= _MOST_LINKS and all(word in LINKS for word in between)


def _clauses(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First word of each clause and the one behind its last."""
    scores = score_spans(text)
    start = 0
    for number, (begin, end) in enumerate(spans):
        is_score = any(first < end and begin < last for first, last in scores)
        gap = text[end : spans[number + 1][0]] if number + 1 < len(spans) else "."
        if is_score or not WITHIN.fullmatch(gap):
            behind = number if is_score else number + 1
            if behind > start:
                yield start, behind
            start = number + 1
