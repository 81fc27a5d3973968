"""Failures of reasons: every kind of failure with its check, in the order in which they are looked for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, get_args

from recbole_curec.data.evidence import Evidence, FactKind
from recbole_curec.reasons.english import is_english
from recbole_curec.reasons.grounding import Claim, GroundingChecker, names_target
from recbole_curec.reasons.parsing import QUOTED, ParsedReason, without_quotations
from recbole_curec.reasons.prompts import fact_line
from recbole_curec.reasons.repetition import repeats_itself

FailureKind = Literal[
    "format", "language", "title", "attribute", "strength", "quote", "target", "history", "repetition", "low reward"
]
FAILURE_KINDS: tuple[FailureKind, ...] = get_args(FailureKind)

_TAKEN = re.compile(
    r"\byou(?:'ve| have)?(?: \w+ly)? (?:took|taken|enjoyed|liked|loved|chose|watched|saw|read|played|bought|rated) "
    r'(?P<names>"[^"]*"(?:(?:,| and|, and) "[^"]*")*)',
    re.IGNORECASE,
)
# Beginnings of prompt lines, and kinds of facts whose prompt lines cannot be part of a normal sentence.
_LABELS = ('History: "', 'Target: "')
_RECITED: tuple[FactKind, ...] = ("similar", "attribute", "together")


@dataclass(frozen=True)
class Failure:
    """One failure of a reason.

    Attributes:
        kind: Kind of failure.
        words: Description, which the prompt of the revision shows.
    """

    kind: FailureKind
    words: str


LOW_REWARD = Failure("low reward", "say more about this user")

_Check = Callable[[ParsedReason, Evidence], Failure | None]


class FailureFinder:
    """Finds the first failure of a reason.

    Args:
        checker: Knows the titles and labels of the catalog.
        threshold: A model reward below it is too low.
    """

    def __init__(self, checker: GroundingChecker, threshold: float = -math.inf) -> None:
        self._checker, self._threshold = checker, threshold
        self._checks: tuple[tuple[Collection[str], _Check], ...] = (
            (("format",), _format),
            (("language",), _language),
            (("title", "attribute", "strength", "quote"), self._grounding),
            (("target",), _target),
            (("history",), _history),
            (("repetition",), _repetition),
        )

    def fault(self, reason: ParsedReason, evidence: Evidence, kinds: Collection[str] = FAILURE_KINDS) -> Failure | None:
        """The first failure in format or content, without looking at the reward; None if the reason is sound.

        Args:
            reason: The parsed reason.
            evidence: Facts that it may claim.
            kinds: Kinds to look for; checks that find none of these are skipped.
        """
        checks = (check for found, check in self._checks if not set(found).isdisjoint(kinds))
        return next((found for check in checks if (found := check(reason, evidence))), None)

    def failure(self, reason: ParsedReason, evidence: Evidence, model_reward: float) -> Failure | None:
        """The result of :meth:`fault`, or else a low reward; None if the reason passes."""
        low = LOW_REWARD if model_reward < self._threshold else None
        return self.fault(reason, evidence) or low

    def _grounding(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        claims: list[Claim] = self._checker.claims(reason, evidence)
        return Failure(claims[0].kind, not_in_facts(claims[0].text)) if claims else None


def not_in_facts(claim: str) -> str:
    """Description of a claim without support."""
    return f'"{claim}" is not in the facts'


def _format(reason: ParsedReason, evidence: Evidence) -> Failure | None:
    """Format errors, and reasons that contain a line of the prompt.

    The reward model alone cannot distinguish a copied prompt from a reason, because it reads mostly names in both.
    """
    if reason.error:
        return Failure("format", reason.error)
    return _RECITES if any(line in reason.text for line in _prompt_lines(evidence)) else None


def _prompt_lines(evidence: Evidence) -> list[str]:
    lines = [fact_line(fact.kind, fact) for fact in evidence.facts if fact.kind in _RECITED]
    return [*_LABELS, *lines, *(fact_line(kind, None) for kind in _RECITED)]


def _language(reason: ParsedReason, evidence: Evidence) -> Failure | None:
    return None if is_english(_without_names(reason.text, evidence, " ")) else _WRONG_LANGUAGE


def _target(reason: ParsedReason, evidence: Evidence) -> Failure | None:
    return None if names_target(reason, evidence) else Failure("target", "the target is not named")


def _history(reason: ParsedReason, evidence: Evidence) -> Failure | None:
    """An item that is said to be in the user's history and is not, such as one that only other users took."""
    similar = (fact.name for fact in evidence.facts_of("similar"))
    taken = {*evidence.history, *similar, *(quote.name for quote in evidence.excerpts)}
    claimed = (
        name for match in _TAKEN.finditer(without_quotations(reason.text)) for name in QUOTED.findall(match["names"])
    )
    wrong = next((name for name in claimed if name not in taken), None)
    return None if wrong is None else Failure("history", f'"{wrong}" is not in the history')


def _repetition(reason: ParsedReason, evidence: Evidence) -> Failure | None:
    return _REPEATS if repeats_itself(_without_names(reason.text, evidence, None)) else None


_RECITES = Failure("format", "the reason recites the prompt")
_WRONG_LANGUAGE = Failure("language", "the reason is not in English")
_REPEATS = Failure("repetition", "the reason repeats itself")


def _without_names(text: str, evidence: Evidence, instead: str | None) -> str:
    """The prose with every name and label replaced by ``instead``, or by one artificial word each if it is None."""
    places: dict[str, str] = {}

    def stand_in(name: str) -> str:
        return f" {instead} " if instead is not None else f" {places.setdefault(name, f'name{len(places)}')} "

    prose = QUOTED.sub(lambda match: stand_in(match[1]), without_quotations(text))
    allowed = sorted(evidence.allowed_names | evidence.allowed_labels, key=len, reverse=True)
    known = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in allowed if name)
    return re.sub(known, lambda match: stand_in(match[0]), prose) if known else prose
