"""The truth checker of languages whose prose is not parsed: a reason is read by the language's own wordings.

A sentence is true exactly if it is one of the language's frames, filled with its clauses, and a fact holds each clause.
Whatever else it says is a fault, so nothing false passes, and free prose does not either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import LEVELS, Evidence, FactKind, Level
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.reasons.claims.claim import Fault, FaultKind
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.languages.language import Language, with_capital
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN, QUOTED, ParsedReason, words_of

# What is wrong with a clause that no fact of its kind and name holds.
_UNBOUND: dict[FactKind, FaultKind] = {"similar": "company", "together": "company", "attribute": "preference"}
# What a clause is about: a kind of fact, a quotation from the user's own review (None), or one from another's.
_Kind = FactKind | Literal["statement"] | None
_SLOT = re.compile(r"\{(\w+)\}")
_NAME = '"[^"]*"'
# Prose with a smaller share of words from the language's own wordings is in another language.
_LEAST_SHARE = 0.4


@dataclass(frozen=True)
class _Said:
    """A clause of a reason.

    Attributes:
        text: As it is written.
        kind: Kind of the facts; None for a quotation from the user's review, ``statement`` for one from another's.
        level: The level that it states.
        about: The names, labels or word that it is about.
        quotation: What it quotes.
    """

    text: str
    kind: _Kind
    level: Level
    about: str
    quotation: str = ""


class PhraseChecker(TruthChecker):
    """Reads reasons by the wordings of a language.

    Args:
        catalog: Names and labels of all items.
        language: The language.
    """

    def __init__(self, catalog: Catalog, language: type[Language]) -> None:
        super().__init__(catalog, language)
        known: Any = language  # a class, which mypy does not take for hashable
        self._frames, self._words = _frames(known), _vocabulary(known)

    def faults(self, reason: ParsedReason, evidence: Evidence) -> list[Fault]:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.faults`."""
        strange = dict.fromkeys(name for name in QUOTED.findall(reason.text) if name not in evidence.allowed_names)
        unknown = [Fault("title", name, name) for name in strange]
        said = self._clauses(reason, evidence)
        if said is None:
            return unknown or [Fault("content", " ".join(reason.text.replace('"', "").split()[: self.longest_words]))]
        found = [fault for one in said for fault in self._faults_of(one, evidence) if fault.about not in strange]
        return [*unknown, *dict.fromkeys(found)]

    def judged_clauses(self, reason: ParsedReason, evidence: Evidence) -> list[tuple[str, bool]]:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.judged_clauses`."""
        said = self._clauses(reason, evidence)
        if said is None:
            return [(reason.text, False)]
        return [(one.text, not self._faults_of(one, evidence)) for one in said]

    def supported(self, reason: ParsedReason, evidence: Evidence) -> int:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.supported`."""
        return sum(not self._faults_of(one, evidence) for one in self._clauses(reason, evidence) or ())

    def says_twice(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.says_twice`."""
        said: set[tuple[bool, str]] = set()
        for one in self._clauses(reason, evidence) or ():
            if one.kind not in ("attribute", "similar", "together"):
                continue
            is_label = one.kind == "attribute"
            names = self._labels(one.about, evidence) if is_label else QUOTED.findall(one.about)
            facts = {(is_label, name) for name in names}
            if not said.isdisjoint(facts):
                return True
            said |= facts
        return False

    def names_target(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.names_target`."""
        return evidence.target in QUOTED.findall(reason.text)

    def is_in_language(self, prose: str) -> bool:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.is_in_language`."""
        words = [word.lower() for word in words_of(prose)]
        return sum(word in self._words for word in words) >= _LEAST_SHARE * len(words)

    def _clauses(self, reason: ParsedReason, evidence: Evidence) -> list[_Said] | None:
        """The clauses of the frame that the whole reason is, of the frame that makes it true if several fit.

        A label may hold any words, so that a short frame may fit where a longer one is meant. None if none fits.
        """
        found = [said for frame in self._frames if (said := _read(frame, reason, evidence))]
        true = (said for said in found if not any(self._faults_of(one, evidence) for one in said))
        return next(true, found[0] if found else None)

    def _faults_of(self, said: _Said, evidence: Evidence) -> list[Fault]:
        if said.kind is None:
            held = ReviewExcerpt(said.about[1:-1], said.quotation) in evidence.excerpts
            return [] if held else [Fault("quote", said.quotation)]
        if said.kind == "statement":
            stated = Statement(said.quotation) in evidence.statements
            return [] if stated else [Fault("quote", said.quotation)]
        if said.kind == "popularity":
            held = self._is_as_popular(said.about, evidence)
            return [] if held else [Fault("popularity", said.text.replace('"', ""))]
        names = QUOTED.findall(said.about) if said.kind != "attribute" else self._labels(said.about, evidence)
        return [fault for name in names if (fault := _fault(said, said.kind, name, evidence))]

    def _labels(self, text: str, evidence: Evidence) -> list[str]:
        """The labels that a clause names; the whole text where it is not made of labels of the evidence."""
        known = sorted(fact.name for fact in evidence.facts_of("attribute"))
        for labels in _choices(known):
            if text == self.language.labelled(labels, self.noun):
                return list(labels)
        return [text]

    def _is_as_popular(self, word: str, evidence: Evidence) -> bool:
        """Whether the target is as widely taken as a word says: what is very popular is popular."""
        words = self.language.popularity
        facts = {words.index(fact.name) for fact in evidence.facts_of("popularity") if fact.name in words}
        said = words.index(word)
        return any(0 < said <= fact or said == fact for fact in facts)


def _fault(said: _Said, kind: FactKind, name: str, evidence: Evidence) -> Fault | None:
    levels = [fact.level for fact in evidence.facts_of(kind) if fact.name == name]
    words = said.text.replace('"', "")
    if not levels:
        return Fault(_UNBOUND[kind], words, name)
    too_strong = LEVELS.index(said.level) > max(map(LEVELS.index, levels))
    return Fault("strength", words, name) if too_strong else None


def _choices(labels: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from ((label,) for label in labels)
    yield from ((first, second) for first in labels for second in labels if first != second)


def _read(frame: _Frame, reason: ParsedReason, evidence: Evidence) -> list[_Said] | None:
    found = frame.pattern.fullmatch(reason.text)
    if found is None or found["target"] != evidence.target:
        return None
    return [_said(found, number, frame.clauses) for number in range(frame.count)]


def _said(found: re.Match[str], number: int, clauses: Sequence[_Clause]) -> _Said:
    place, clause = next((k, one) for k, one in enumerate(clauses) if found[f"s{number}_{k}"] is not None)
    quotation = found[f"q{number}_{place}"] if clause.kind in (None, "statement") else ""
    about = "" if clause.kind == "statement" else found[f"a{number}_{place}"]
    return _Said(found[f"s{number}_{place}"], clause.kind, clause.level, about, quotation)


@dataclass(frozen=True)
class _Clause:
    """A wording of the language, with the kind and level that it states; see :class:`_Said`."""

    wording: str
    kind: _Kind
    level: Level

    def pattern(self, number: int, place: int, language: type[Language], *, capital: bool) -> str:
        """The regular expression of the clause in a slot; its groups bear the slot's number and the clause's place."""
        slots = {
            "names": f"(?P<a{number}_{place}>{_NAME}(?:{re.escape(language.conjunction)}{_NAME})*)",
            "labels": f'(?P<a{number}_{place}>[^"]+?)',
            "word": f"(?P<a{number}_{place}>{'|'.join(map(re.escape, language.popularity))})",
            "quotation": f"{QUOTE_OPEN}(?P<q{number}_{place}>[^{QUOTE_CLOSE}]*){QUOTE_CLOSE}",
        }
        slots["its"] = f"(?:{'|'.join(map(re.escape, language.possessives))})"
        wording = with_capital(self.wording) if capital else self.wording
        return f"(?P<s{number}_{place}>{_filled(wording, slots)})"


@dataclass(frozen=True)
class _Frame:
    """A frame of the language as a regular expression over all of its clauses."""

    pattern: re.Pattern[str]
    count: int
    clauses: tuple[_Clause, ...]


@lru_cache(maxsize=16)
def _frames(language: type[Language]) -> tuple[_Frame, ...]:
    """Every frame of a language, with the plain sentence; compiled once."""
    clauses = [
        _Clause(wording, kind, level) for (kind, level), several in language.clauses.items() for wording in several
    ]
    # Two levels of popularity may share a wording, whose word says which it is.
    told = {clause.wording: clause for clause in clauses if clause.kind == "popularity"}
    others = [clause for clause in clauses if clause.kind != "popularity"]
    quotation = _Clause(language.quotation, None, "strong")
    statements = [_Clause(wording, "statement", "strong") for wording in language.statements]
    every = (*others, *told.values(), quotation, *statements)
    kinds = (language.frames, language.guesses)
    frames = [(frame, count) for kind in kinds for count, several in kind.items() for frame in several]
    frames.sort(key=lambda one: -one[1])
    plain = _Frame(*_plain(language))
    return (*(_Frame(_compiled(frame, every, language), count, every) for frame, count in frames), plain)


def _compiled(frame: str, clauses: Sequence[_Clause], language: type[Language]) -> re.Pattern[str]:
    slots = {"target": '(?P<target>[^"]*)'}
    for name in _SLOT.findall(frame):
        if name != "target":
            number = int(name.removeprefix("C"))
            several = (
                clause.pattern(number, place, language, capital=name.startswith("C"))
                for place, clause in enumerate(clauses)
            )
            slots[name] = f"(?:{'|'.join(several)})"
    return re.compile(_filled(frame, slots))


def _plain(language: type[Language]) -> tuple[re.Pattern[str], int, tuple[_Clause, ...]]:
    words = "|".join(map(re.escape, language.popularity))
    before, after = language.plain.split("{word}")
    slots = {"target": '(?P<target>[^"]*)'}
    pattern = f"{_filled(before, slots)}(?P<s0_0>(?P<a0_0>{words})){_filled(after, slots)}"
    return re.compile(pattern), 1, (_Clause("{word}", "popularity", "weak"),)


def _filled(wording: str, slots: dict[str, str]) -> str:
    """A wording as a regular expression, with those of its slots."""
    parts = _SLOT.split(wording)
    return "".join(slots[part] if place % 2 else re.escape(part) for place, part in enumerate(parts))


@lru_cache(maxsize=16)
def _vocabulary(language: type[Language]) -> frozenset[str]:
    wordings = [wording for several in language.clauses.values() for wording in several]
    wordings += [
        frame for kind in (language.frames, language.guesses) for several in kind.values() for frame in several
    ]
    wordings += [language.plain, language.quotation, *language.statements]
    prose = " ".join((*wordings, language.conjunction, *language.popularity))
    return frozenset(word.lower() for word in words_of(_SLOT.sub(" ", prose)))
