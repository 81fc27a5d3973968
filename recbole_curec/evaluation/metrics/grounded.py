"""Grounded, generic and faulty explanations, and the kinds of their faults, by the checker of claims."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.claim import FAULT_KINDS
from recbole_curec.reasons.parsing import completion_naming, parse_reason

FAULT = "fault/"


class Grounded(Metric):
    """Every explanation is one of three, so that the shares sum to 1 (``docs/claims.md``).

    - *grounded*: it makes a true claim and no false one;
    - *generic*: it claims nothing that could be true or false;
    - *faulty*: it claims something that the facts do not hold. The keys ``fault/<kind>`` are the shares of explanations
      with a fault of a kind; one explanation can have several.

    The checker reads English as reasons are written. What somebody else's text says beyond the facts is a fault here,
    whether or not it is true of the item.

    Args:
        checker: Knows the titles and labels of the catalog.
    """

    group: ClassVar[Group] = "truth"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "grounded": "grounded",
            "generic": "generic",
            "faulty": "faulty",
            **{f"{FAULT}{kind}": f"fault: {kind}" for kind in FAULT_KINDS},
        }
    )

    def __init__(self, checker: ClaimChecker) -> None:
        self._checker = checker

    def measure(self, sample: Sample) -> dict[str, Score]:
        """The three shares, and those of every kind of fault that occurs.

        Raises:
            LookupError: No evidence is known: a bug in what asks for the metric.
        """
        if sample.evidence is None:
            raise LookupError("The evidence of these pairs is not known.")
        generic, kinds = [], []
        for text, facts in zip(sample.texts, sample.evidence, strict=True):
            reason = parse_reason(completion_naming(facts.target, text))
            kinds.append({fault.kind for fault in self._checker.faults(reason, facts)})
            generic.append(self._checker.is_generic(reason, facts))
        faulty = np.array([bool(found) for found in kinds])
        empty = np.array(generic)
        return {
            "grounded": Score.mean(~faulty & ~empty),
            "generic": Score.mean(empty),
            "faulty": Score.mean(faulty),
            **{
                f"{FAULT}{kind}": Score.mean([kind in found for found in kinds])
                for kind in FAULT_KINDS
                if any(kind in found for found in kinds)
            },
        }
