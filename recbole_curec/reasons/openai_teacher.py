"""The ``openai`` teacher: a larger model behind an OpenAI-compatible server writes thinking and reason from evidence.

It answers the very prompts the language model is trained on (distillation). An answer that is broken or false, by the
checks correction uses, is rejected and counted, and the sentence of the ``evidence`` teacher stays in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.engines.engine import Engine
from recbole_curec.reasons.failures import FailureFinder, FailureKind
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.tasks import Example
from recbole_curec.reasons.teacher import TeacherReason


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


def rewrite_reasons(
    examples: Sequence[Example],
    engine: Engine,
    finder: FailureFinder,
    *,
    temperature: float,
    seed: str,
    progress: bool = False,
) -> Rewritten:
    """Let the teacher write the reasons among the examples, all in one call of the engine.

    Args:
        examples: Alignment examples; those without evidence are no reasons and stay.
        engine: Asks the teacher.
        finder: Finds what is wrong with an answer.
        temperature: Sampling temperature.
        seed: Name of the call.
        progress: Whether a progress bar is drawn.

    Raises:
        ServerError: The server stopped; what it wrote before is kept for the next run of the same command.
    """
    written = list(examples)
    asked: list[tuple[int, Evidence]] = [
        (number, example.evidence) for number, example in enumerate(examples) if example.evidence is not None
    ]
    prompts = [examples[number].prompt for number, _ in asked]
    answers = engine.write(prompts, temperature=temperature, seed=seed, description="teacher", progress=progress)
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
