"""Faults of a sentence, as tests compare them."""

from __future__ import annotations

from dataclasses import replace

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.claim import Fault
from recbole_curec.reasons.parsing import parse_reason


def faults_of(checker: ClaimChecker, text: str, evidence: Evidence) -> list[Fault]:
    """The faults of a reason without its thinking."""
    return checker.faults(parse_reason(f"<think>facts</think> {text}"), evidence)


def kinds_of(checker: ClaimChecker, text: str, evidence: Evidence) -> list[tuple[str, str]]:
    """Kind of every fault and what it is about."""
    return [(fault.kind, fault.about) for fault in faults_of(checker, text, evidence)]


def fault_kinds(checker: ClaimChecker, text: str, evidence: Evidence) -> set[str]:
    """The kinds of fault of a reason without its thinking."""
    return {fault.kind for fault in faults_of(checker, text, evidence)}


def without_fact(evidence: Evidence, name: str) -> Evidence:
    """The evidence without what it says of a name."""
    return replace(evidence, facts=tuple(fact for fact in evidence.facts if fact.name != name))
