"""Chains of reasoning about a review, ``<think> + "great sound"; - "cable too short"</think> Rating: 4``.

A chain names aspects with their signs, each as a quotation of the review, then the rating. Nothing that a language
model writes makes the parser raise. Cleaned reviews hold no double quotes (:mod:`recbole_curec.data.cleaning`), so
these delimit quotations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN
from recbole_curec.reviews.scale import RatingScale

MIN_QUOTE_WORDS, MAX_QUOTE_WORDS = 2, 8
# More aspects than this are a list, not a judgement.
MAX_ASPECTS = 6
# What stands between the tags of a chain without aspects.
NO_ASPECT = "none"

Sign = Literal[1, -1]
_SIGNS: dict[str, Sign] = {"+": 1, "-": -1}
_ASPECT = re.compile(r'\s*([+-])\s*"([^"]*)"\s*')
_RATING = re.compile(r"\s*Rating:\s*(\S+)\s*", re.IGNORECASE)
# Digits of ASCII alone, and no exponents: what int() and float() read besides is nothing a rating is written with.
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?")
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Aspect:
    """One statement of a review that moves its rating.

    Attributes:
        sign: 1 for praise, -1 for blame.
        quote: Words of the review.
    """

    sign: Sign
    quote: str

    def __str__(self) -> str:
        """The aspect as chains write it."""
        return f'{"+" if self.sign > 0 else "-"} "{self.quote}"'


@dataclass(frozen=True)
class Chain:
    """The aspects of a review, and its rating.

    Attributes:
        aspects: In the order of the chain.
        rating: On its own scale; None if it is missing or wrong.
    """

    aspects: tuple[Aspect, ...]
    rating: float | None

    @property
    def sign(self) -> int:
        """1 if there is more praise than blame, -1 if there is less, 0 if there is as much."""
        balance = sum(aspect.sign for aspect in self.aspects)
        return (balance > 0) - (balance < 0)


@dataclass(frozen=True)
class ParsedChain:
    """A parsed completion.

    Attributes:
        chain: The aspects and the rating that could be read; a rating is read even where an aspect is malformed.
        think: The text between the tags; empty if they are missing or broken.
        error: What is wrong with the format, in words; None if it is right.
    """

    chain: Chain
    think: str
    error: str | None

    @property
    def valid(self) -> bool:
        """Whether the format is right."""
        return self.error is None


def completion_of(aspects: Iterable[Aspect], rating: float, scale: RatingScale) -> str:
    """The completion that :func:`parse_chain` splits into these aspects and this rating."""
    think = "; ".join(map(str, aspects)) or NO_ASPECT
    return f"{THINK_OPEN} {think}{THINK_CLOSE} Rating: {scale.text(rating)}"


def parse_chain(completion: str, scale: RatingScale) -> ParsedChain:
    """Split a completion into aspects and rating, and find the first error of its format."""
    head, opened, rest = completion.partition(THINK_OPEN)
    think, closed, ending = rest.partition(THINK_CLOSE)
    if not (opened and closed):
        return _broken("the think tags are missing")
    if head.strip():
        return _broken("there is text before the thinking")
    if any(tag in part for tag in (THINK_OPEN, THINK_CLOSE) for part in (think, ending)):
        return _broken("the think tags are repeated")
    rating, wrong_rating = _read_rating(ending, scale)
    aspects, wrong_aspect = _read_aspects(think)
    return ParsedChain(Chain(aspects, rating), think.strip(), wrong_aspect or wrong_rating)


def aspects_of(think: str) -> tuple[Aspect, ...]:
    """The well-formed aspects of what stands between the tags."""
    return _read_aspects(think)[0]


def _broken(error: str) -> ParsedChain:
    return ParsedChain(Chain((), None), "", error)


def _read_rating(ending: str, scale: RatingScale) -> tuple[float | None, str | None]:
    """The rating, and what is wrong with it."""
    written = _RATING.match(ending)
    if written is None:
        return None, "there is no rating behind the thinking"
    if len(re.findall(r"\bRating:", ending, re.IGNORECASE)) > 1:
        return None, "there are two ratings"
    if written.end() < len(ending):
        return None, "there is text behind the rating"
    if _NUMBER.fullmatch(written[1]) is None:
        return None, f"the rating {written[1][:_SHOWN_CHARACTERS]!r} is no number"
    rating = float(written[1])
    if not scale.holds(rating):
        return None, f"the rating {rating:g} is not on the scale of {scale.lowest:g} to {scale.highest:g}"
    return rating, None


def _read_aspects(think: str) -> tuple[tuple[Aspect, ...], str | None]:
    """The well-formed aspects, and the first thing wrong with any."""
    if think.strip() == NO_ASPECT:
        return (), None
    if not think.strip():
        return (), f"the thinking is empty: without aspects it is the word {NO_ASPECT}"
    aspects: list[Aspect] = []
    error: str | None = None
    place = 0
    while place < len(think):
        found = _ASPECT.match(think, place)
        if found is None:
            shown = " ".join(think[place:].split())[:_SHOWN_CHARACTERS]
            return tuple(aspects), error or f"an aspect is no sign with a quotation: {shown!r}"
        words = len(found[2].split())
        if MIN_QUOTE_WORDS <= words <= MAX_QUOTE_WORDS:
            aspects.append(Aspect(_SIGNS[found[1]], found[2].strip()))
        else:
            error = error or f"a quotation has {words} words, not {MIN_QUOTE_WORDS} to {MAX_QUOTE_WORDS}"
        place = found.end()
        if place < len(think):
            if think[place] != ";":
                return tuple(aspects), error or "two aspects are not separated by a semicolon"
            place += 1
            if not think[place:].strip():
                return tuple(aspects), error or "a semicolon is followed by no aspect"
    if len(aspects) > MAX_ASPECTS:
        error = error or f"there are {len(aspects)} aspects, more than {MAX_ASPECTS}"
    return tuple(aspects), error
