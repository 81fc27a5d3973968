"""Every wording of the teacher is true of the fact it words, and false once that fact is gone, weaker or another."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from recbole_curec.data.evidence import LEVELS, Evidence, Fact, FactKind, Level
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.teachers.evidence import _FRAMES, CLAUSES
from tests.examples import make_catalog
from tests.reasons.claims.judged import faults_of, kinds_of

CATALOG = make_catalog(
    {"1": ("Alien", ["Horror", "Sci-Fi"]), "2": ("Heat", ["Crime"]), "3": ("It", ["Horror"]), "4": ("Up", ["Comedy"])}
)
CHECKER = ClaimChecker(CATALOG)
STRENGTHS: dict[FactKind, dict[Level, float]] = {
    "similar": {"weak": 0.1, "fair": 0.3, "strong": 0.5},
    "together": {"weak": 0.1, "fair": 0.3, "strong": 0.5},
    "attribute": {"weak": 1.1, "fair": 1.5, "strong": 2.5},
}
NAMES: dict[FactKind, str] = {"similar": "Heat", "together": "It", "attribute": "Horror"}
WORDINGS = [
    (kind, level, clause) for (kind, level), clauses in CLAUSES.items() if kind != "popularity" for clause in clauses
]
LOST = {"similar": {"history", "company", "title"}, "together": {"company", "title"}, "attribute": {"preference"}}


def evidence_of(*facts: Fact) -> Evidence:
    return Evidence(
        "u", "1", 3, "Alien", ("Horror", "Sci-Fi"), ("Up",), (*facts, Fact("popularity", "popular", 0, 0.7))
    )


def said(kind: FactKind, clause: str) -> str:
    name = NAMES[kind]
    return clause.format(names=f'"{name}"', labels=name)


@pytest.mark.parametrize(("kind", "level", "clause"), WORDINGS)
def test_a_wording_needs_its_fact(kind: FactKind, level: Level, clause: str) -> None:
    text = f'"Alien" suits you: {said(kind, clause)}.'
    for other in LEVELS:
        evidence = evidence_of(Fact(kind, NAMES[kind], 3, STRENGTHS[kind][other]))
        too_strong = LEVELS.index(level) > LEVELS.index(other)
        assert kinds_of(CHECKER, text, evidence) == ([("strength", NAMES[kind])] if too_strong else [])
    gone = kinds_of(CHECKER, text, evidence_of())
    assert len(gone) == 1
    assert gone[0][0] in LOST[kind]


def test_the_word_of_another_kind_is_not_the_same_claim() -> None:
    for kind, _, clause in WORDINGS:
        if kind == "similar" and clause.startswith("you took"):
            together = evidence_of(Fact("together", "Heat", 3, 0.5))
            text = f'"Alien" suits you: {said(kind, clause)}.'
            assert ("history", "Heat") in kinds_of(CHECKER, text, together)


@pytest.mark.parametrize(("shown", "clause"), product(("popular", "lesser known"), CLAUSES["popularity", "strong"]))
def test_the_wording_of_popularity(shown: str, clause: str) -> None:
    evidence = evidence_of()
    found = kinds_of(CHECKER, f'"Alien" suits you: {clause.format(word=shown)}.', evidence)
    assert found == ([] if shown == "popular" else [("popularity", "")])


@pytest.mark.parametrize("count", _FRAMES)
def test_every_frame_says_its_clauses_and_nothing_else(count: int) -> None:
    facts = [Fact(kind, name, 3, 0.5 if kind != "attribute" else 2.5) for kind, name in NAMES.items()]
    clauses = ['fans of "Heat" nearly always take it', 'it nearly always goes with "It"', "you keep choosing Horror"]
    for frame in _FRAMES[count]:
        text = frame.format(*clauses[:count], target="Alien")
        text = text[0].upper() + text[1:]
        whole = evidence_of(facts[0], facts[2], facts[1])
        assert faults_of(CHECKER, text, whole) == []
        for number in range(count):
            lost = [fact for fact in whole.facts if fact.name != ("Heat", "It", "Horror")[number]]
            assert faults_of(CHECKER, text, replace(whole, facts=tuple(lost))), (text, number)
