"""The trial runs the real corrector: what it finds, repairs, replaces, and leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recbole_curec.correction.corrector import Corrector
from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import Evidence
from recbole_curec.evaluation.fault_trial import run_trial
from recbole_curec.evaluation.planted_faults import PLANTED_FAULTS
from recbole_curec.llm.messages import Message
from recbole_curec.reasoner import Reasoner
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.assessment import Assessor
from recbole_curec.rewards.format import FormatReward
from recbole_curec.rewards.grounding import GroundingReward
from recbole_curec.rewards.repetition import RepetitionReward
from recbole_curec.rewards.reward import Reward
from recbole_curec.settings.sections import CorrectSettings, ReinforceSettings
from tests.correction.good_reasons import teacher_records
from tests.correction.scripted import ScriptedEngine, UncutWriter
from tests.examples import toy_builder


class Content(Reward):
    """Likes everything alike."""

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        return [0.5] * len(completions)


class NamingWriter(UncutWriter):
    """Prompts that say no more than which interaction is meant."""

    def prompt(self, request: ReasonRequest) -> list[Message]:
        return [{"role": "user", "content": _named(request.evidence)}]


class EveryOther(ScriptedEngine):
    """Writes the right sentence for every other prompt and nonsense for the rest."""

    def __init__(self, right: dict[str, str]) -> None:
        super().__init__(())
        self.right = right

    def write(self, prompts: Sequence[list[Message]], **_: Any) -> list[str]:
        self.calls.append(len(prompts))
        return [
            self.right[prompt[-1]["content"]] if number % 4 < 2 else "nonsense" for number, prompt in enumerate(prompts)
        ]


def test_the_report_says_what_became_of_every_fault() -> None:
    builder = toy_builder()
    records = teacher_records(builder, 60)
    checker = ClaimChecker(builder.catalog)
    engine = EveryOther({_named(record.evidence): record.draft for record in records})
    finder = FailureFinder(checker)
    rewards = {
        "model": Content(),
        "format": FormatReward(finder),
        "grounding": GroundingReward(checker),
        "repetition": RepetitionReward(),
    }
    settings = CorrectSettings(rounds=1, candidates=2)
    assessor = Assessor(rewards, ReinforceSettings().weights, FailureFinder(checker, settings.threshold))
    corrector = Corrector(NamingWriter(engine), assessor, EvidenceTeacher(checker, 0), settings, 0)
    collected = Collected(builder.catalog, builder.history)
    report = run_trial(Reasoner(collected, builder, corrector, batch_size=64), records, carried=1, per_fault=40, seed=1)
    assert (report.good, report.good_changed) == (40, 0)
    assert (report.teacher, report.teacher_flagged) == (60, 0)
    assert tuple(report.faults) == PLANTED_FAULTS
    for result in report.faults.values():
        assert result.planted >= 30
        assert result.found >= 0.95 * result.planted
        # Candidates come in pairs, two prompts in four are answered: half is repaired, the teacher has the rest.
        assert result.repaired == (result.found + 1) // 2
        assert result.repaired + result.replaced + result.left >= result.found
        assert result.left == 0 and result.faulty_after == result.planted - result.found
        assert result.reward_after >= result.reward_before
        assert result.reward_fell == 0
        assert len(result.missed) == min(result.planted - result.found, 5)
    assert len(engine.calls) == len(PLANTED_FAULTS)  # one generation for all faults of a kind
    assert report.record()["faults"]["wrong title"]["planted"] == 40


def _named(evidence: Evidence) -> str:
    return f"{evidence.user}/{evidence.item}/{evidence.position}"
