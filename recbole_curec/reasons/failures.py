"""Failures of reasons: every kind of failure with its check, in the order in which they are looked for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.claim import FAULT_KINDS, FaultKind, explain_fault
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.parsing import QUOTED, ParsedReason, without_quotations
from recbole_curec.reasons.prompt_styles import prompt_lines
from recbole_curec.reasons.repetition import NAME_WORD, repeats_itself

FailureKind = (
    Literal["format", "language", "repetition"] | FaultKind | Literal["target", "generic", "said before", "low reward"]
)
# In the order in which they are looked for.
FAILURE_KINDS: tuple[FailureKind, ...] = (
    "format", "language", "repetition", *FAULT_KINDS, "target", "generic", "said before", "low reward",
)  # fmt: skip


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
# Found by the corrector, which knows the other reasons. The words are those that alignment shows for a low reward.
SAID_BEFORE = Failure("said before", LOW_REWARD.words)

_Check = Callable[[ParsedReason, Evidence], Failure | None]


class FailureFinder:
    """Finds the first failure of a reason.

    Args:
        checker: Knows the titles and labels of the catalog.
        threshold: A model reward below it is too low.
    """

    def __init__(self, checker: TruthChecker, threshold: float = -math.inf) -> None:
        self._checker, self._threshold = checker, threshold
        self._checks: tuple[tuple[Collection[str], _Check], ...] = (
            (("format",), self._format),
            (("language",), self._language),
            (("repetition",), self._repetition),
            (FAULT_KINDS, self._claims),
            (("target",), self._target),
            (("generic",), self._generic),
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

    def _format(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        """Format errors, and reasons that contain a line of the prompt.

        The reward model alone cannot distinguish a copied prompt from a reason, because it reads mostly names in both.
        """
        if reason.error:
            return Failure("format", reason.error)
        lines = prompt_lines(evidence, self._checker.language)
        return _RECITES if any(line in reason.text for line in lines) else None

    def _language(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        if self._checker.is_in_language(_without_names(reason.text, evidence, " ")):
            return None
        return Failure("language", f"the reason is not in {self._checker.language.title}")

    def _repetition(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        repeats = repeats_itself(_without_names(reason.text, evidence, None))
        return _REPEATS if repeats or self._checker.says_twice(reason, evidence) else None

    def _claims(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        fault = next(iter(self._checker.faults(reason, evidence)), None)
        return None if fault is None else Failure(fault.kind, explain_fault(fault))

    def _target(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        named = self._checker.names_target(reason, evidence)
        return None if named else Failure("target", "the target is not named")

    def _generic(self, reason: ParsedReason, evidence: Evidence) -> Failure | None:
        """Praise that would suit any user and any item."""
        return None if self._checker.supported(reason, evidence) else _GENERIC


_RECITES = Failure("format", "the reason recites the prompt")
_GENERIC = Failure("generic", "the reason tells none of the facts")
_REPEATS = Failure("repetition", "the reason repeats itself")
# Where a name may begin: a character that no word goes on with.
_BEGINS = re.compile(r"(?<!\w).", re.DOTALL)


def _without_names(text: str, evidence: Evidence, instead: str | None) -> str:
    """The prose with every name and label replaced by ``instead``, or by one artificial word each if it is None."""
    places: dict[str, str] = {}

    def stand_in(name: str) -> str:
        return f" {instead} " if instead is not None else f" {places.setdefault(name, f'{NAME_WORD}{len(places)}')} "

    prose = QUOTED.sub(lambda match: stand_in(match[1]), without_quotations(text))
    return _replaced(prose, evidence.allowed_names | evidence.allowed_labels, stand_in)


def _replaced(prose: str, names: Collection[str], stand_in: Callable[[str], str]) -> str:
    """The prose with every name in it replaced, the longest that begins at a place.

    No regular expression is made of the names: compiling one for every reason takes longer than all other checks.
    """
    starting: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        if name:
            starting.setdefault(name[0], []).append(name)
    parts: list[str] = []
    end = 0
    for match in _BEGINS.finditer(prose):
        place = match.start()
        if place < end:
            continue
        found = next((name for name in starting.get(match[0], ()) if _stands_at(name, prose, place)), None)
        if found is not None:
            parts += prose[end:place], stand_in(found)
            end = place + len(found)
    return "".join(parts) + prose[end:]


def _stands_at(name: str, prose: str, place: int) -> bool:
    end = place + len(name)
    following = prose[end : end + 1]
    return prose.startswith(name, place) and not (following.isalnum() or following == "_")
