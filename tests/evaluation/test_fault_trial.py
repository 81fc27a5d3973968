"""The trial runs the real corrector: what it finds, repairs, replaces, and leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from recbole_curec.correction import corrector as corrector_module
from recbole_curec.correction.corrector import Corrector
from recbole_curec.data.collected import Collected
from recbole_curec.evaluation.fault_trial import run_trial
from recbole_curec.evaluation.planted_faults import PLANTED_FAULTS
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards import functions
from recbole_curec.settings.settings import Settings
from tests.correction.good_reasons import teacher_records
from tests.examples import toy_builder


class EveryOther:
    """Writes the right sentence for every other prompt and nonsense for the rest."""

    def __init__(self, right: dict[str, str]) -> None:
        self.right, self.turn = right, 0

    def write(self, prompts: Sequence[Any], *, temperature: float, seed: str) -> list[str]:
        self.turn += 1
        return [
            self.right[prompt[-1]["content"]] if number % 4 < 2 else "nonsense" for number, prompt in enumerate(prompts)
        ]


def test_the_report_says_what_became_of_every_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = toy_builder()
    records = teacher_records(builder, 60)
    checker = GroundingChecker(builder.catalog)
    monkeypatch.setattr(
        corrector_module, "fit_reason_prompt", lambda tokenizer, prompts, evidence, limit, **more: _told(evidence)
    )
    right = {_told(record.evidence)[-1]["content"]: record.draft for record in records}
    named = {
        "model": lambda prompts, completions, **_: [0.5] * len(completions),
        "format": functions.format_reward(FailureFinder(checker)),
        "grounding": functions.grounding_reward(checker),
        "repetition": functions.repetition_reward,
    }
    settings = Settings.from_mapping({"correct_rounds": 1, "correct_candidates": 2, "generation_batch_size": 64})
    teacher = EvidenceTeacher(checker, 0)
    generator: Any = EveryOther(right)
    corrector = Corrector(generator, None, named, checker, teacher, settings, 0)  # type: ignore[arg-type]
    report = run_trial(
        corrector, Collected(builder.catalog, builder.history, builder.pairs), records, per_fault=40, seed=1
    )
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
    assert generator.turn == len(PLANTED_FAULTS)  # one generation for all faults of a kind
    assert report.record()["faults"]["wrong title"]["planted"] == 40


def _told(evidence: Any) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"{evidence.user}/{evidence.item}/{evidence.position}"}]
