"""Faults of a sentence, as tests compare them."""

from __future__ import annotations

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
