"""Alignment examples whose reasons a teacher writes, checked before they are taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.failures import FailureFinder, FailureKind
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.tasks import Example
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherReason


@dataclass(frozen=True)
class Rewritten:
    """Examples after the teacher's turn.

    Attributes:
        examples: All examples, in order.
        accepted: Reasons the teacher wrote.
        rejected: Answers that were not used, by what is wrong with them.
    """

    examples: list[Example]
    accepted: int
    rejected: Counter[FailureKind]


def rewrite_reasons(examples: Sequence[Example], teacher: Teacher, finder: FailureFinder) -> Rewritten:
    """Let a teacher write the reasons among the examples, all in one call.

    Args:
        examples: Alignment examples; those without evidence are no reasons and stay.
        teacher: The teacher.
        finder: Finds what is wrong with an answer.

    Raises:
        ServerError: The teacher's server stopped; what it wrote before is kept for the next run of the same command.
    """
    written = list(examples)
    asked: list[tuple[int, Evidence]] = [
        (number, example.evidence) for number, example in enumerate(examples) if example.evidence is not None
    ]
    answers = teacher.answers([examples[number].prompt for number, _ in asked], [evidence for _, evidence in asked])
    rejected: Counter[FailureKind] = Counter()
    for (number, evidence), answer in zip(asked, answers, strict=True):
        reason = parse_reason(answer)
        fault = finder.fault(reason, evidence)
        if fault is not None:
            rejected[fault.kind] += 1
            continue
        completion = TeacherReason(f" {reason.think}", reason.text).completion
        written[number] = replace(written[number], completion=completion)
    return Rewritten(written, len(asked) - sum(rejected.values()), rejected)
