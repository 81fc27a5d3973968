"""Distillation: replaces the reasons of alignment examples by those of a teacher that pass the checks."""

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
    """Examples with the teacher's reasons.

    Attributes:
        examples: All examples, in order.
        accepted: Number of the teacher's reasons that are used.
        rejected: Number of its answers that are not used, by kind of failure.
    """

    examples: list[Example]
    accepted: int
    rejected: Counter[FailureKind]


def rewrite_reasons(examples: Sequence[Example], teacher: Teacher, finder: FailureFinder) -> Rewritten:
    """Let a teacher write the reasons of the examples, all in one call.

    Args:
        examples: Alignment examples; those without evidence belong to other tasks and are not changed.
        teacher: The teacher.
        finder: Finds failures of an answer.

    Raises:
        ServerError: The teacher's server failed; its earlier answers are kept for the next run of the same command.
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
