"""Check that a reason claims only what its evidence supports: item names, attributes, strengths and quotations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import LEVELS, Evidence, Level
from recbole_curec.reasons.parsing import (
    QUOTE_CLOSE,
    QUOTE_OPEN,
    ParsedReason,
    quotations,
    unquoted,
    without_quotations,
    words_of,
)

Key = tuple[str, ...]
_ABOUT = re.compile(f'{QUOTE_OPEN}([^{QUOTE_CLOSE}]*){QUOTE_CLOSE} about "([^"]*)"')
# A claim that the user wrote something must come with a quotation.
_WROTE = re.compile(r"\byou(?:'ve| have)? (?:wrote|written)\b|\byour review\b", re.IGNORECASE)
# Phrases that claim how strong a fact is; a reason may use one only if some fact of the evidence is that strong.
LEVEL_CLAIMS: dict[str, Level] = {
    "nearly always": "strong",
    "close match": "strong",
    "keep choosing": "strong",
    "take most": "strong",
    "fair match": "fair",
    "often": "fair",
    "lean towards": "fair",
}


@dataclass(frozen=True)
class Claim:
    """A claim of a reason without support.

    Attributes:
        kind: A title, an attribute label, a phrase about the strength of a fact, or a quotation from a review.
        text: The words of the claim.
    """

    kind: Literal["title", "attribute", "strength", "quote"]
    text: str


class GroundingChecker:
    """Finds claims of a reason that its evidence does not support.

    Names in double quotes must be allowed exactly. Outside quotes, names of at least two words and attribute labels
    of the catalog are recognised word by word, longest match first, so that a model that forgets the quotes is
    still checked. Single-word names outside quotes are not: "Heat" or "It" are ordinary words.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._names: set[Key] = {key for name in catalog.name_set if len(key := _key(name)) > 1}
        # A label that is an ordinary lower-case word cannot be distinguished from prose.
        self._labels: dict[Key, str] = {_key(label): label for label in catalog.labels if label != label.lower()}
        self._labels.update({_key(label): label for label in catalog.labels if any(c.isdigit() for c in label)})
        self._labels.pop((), None)
        self._longest = max((len(key) for key in (*self._names, *self._labels)), default=0)

    def ungrounded(self, reason: ParsedReason, evidence: Evidence) -> list[str]:
        """The words of :meth:`claims`."""
        return list(dict.fromkeys(claim.text for claim in self.claims(reason, evidence)))

    def claims(self, reason: ParsedReason, evidence: Evidence) -> list[Claim]:
        """Claims without support: quoted names, other titles and labels, strength, reviews; empty if grounded."""
        claims = [Claim("title", name) for name in reason.names if name not in evidence.allowed_names]
        allowed = {_key(name) for name in evidence.allowed_names} | {_key(label) for label in evidence.allowed_labels}
        words = words_of(unquoted(reason.text))
        start = 0
        while start < len(words):
            start += self._match(words, start, allowed, claims)
        return list(dict.fromkeys([*claims, *_overclaims(reason.text, evidence), *_misquoted(reason.text, evidence)]))

    def _match(self, words: list[str], start: int, allowed: set[Key], claims: list[Claim]) -> int:
        for length in range(min(self._longest, len(words) - start), 0, -1):
            key = tuple(words[start : start + length])
            if key in allowed:
                return length
            if key in self._names or key in self._labels:
                claims.append(Claim("title" if key in self._names else "attribute", " ".join(key)))
                return length
        return 1


def _overclaims(text: str, evidence: Evidence) -> list[Claim]:
    """Claims of a strength that no fact of the evidence has."""
    strongest = max((LEVELS.index(fact.level) for fact in evidence.facts if fact.kind != "popularity"), default=-1)
    prose = unquoted(text).lower()
    return [
        Claim("strength", phrase)
        for phrase, level in LEVEL_CLAIMS.items()
        if phrase in prose and LEVELS.index(level) > strongest
    ]


def _misquoted(text: str, evidence: Evidence) -> list[Claim]:
    """Quotations that are not in the evidence, or are attributed to another item."""
    claims = []
    about = dict(_ABOUT.findall(text))
    for quoted in quotations(text):
        sources = {quote.name for quote in evidence.excerpts if quote.text == quoted}
        if quoted not in evidence.allowed_names and (
            not sources or about.get(quoted, next(iter(sources))) not in sources
        ):
            claims.append(Claim("quote", quoted))
    wrote = _WROTE.search(without_quotations(text))
    return claims if quotations(text) or wrote is None else [*claims, Claim("quote", wrote[0])]


def names_target(reason: ParsedReason, evidence: Evidence) -> bool:
    """Whether the reason names the item it is about."""
    return evidence.target in reason.names or evidence.target in reason.text


def _key(text: str) -> Key:
    return tuple(words_of(text))
