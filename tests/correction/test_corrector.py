from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from recbole_curec.correction import corrector as module
from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.prompts import Message
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.rewards import functions
from recbole_curec.settings import Settings
from tests.rewards.test_functions import CATALOG, EVIDENCE, GOOD

WRONG_TITLE = GOOD.replace('"Heat" and', '"Toy Story" and')
OFF_TARGET = GOOD.replace('like "Fargo"', "like it")
LOW = GOOD.replace("You may like", "Try")
BETTER = GOOD.replace("often choose", "favour")


class ScriptedGenerator:
    """Answers from a script and remembers the prompts."""

    def __init__(self, script: list[str]) -> None:
        self.script, self.prompts = list(script), []  # type: list[str], list[str]

    def write(self, prompts: Sequence[list[Message]], *, temperature: float, seed: str) -> list[str]:
        self.prompts += [prompt[-1]["content"] for prompt in prompts]
        return [self.script.pop(0) for _ in prompts]


def _model_reward(completions: Sequence[str], **_: Any) -> list[float]:
    return [
        -0.5 if text.split("</think>")[-1].startswith(" Try") else 0.3 if "favour" in text else 0.1
        for text in completions
    ]


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(
        module,
        "fit_reason_prompt",
        lambda tokenizer, prompts, evidence, limit, **more: prompts.reason(evidence, **more),
    )

    def run(*script: str, earlier: tuple[str, ...] = ()) -> tuple[Any, ScriptedGenerator]:
        checker = GroundingChecker(CATALOG)
        named = {
            "model": _model_reward,
            "format": functions.format_reward,
            "grounding": functions.grounding_reward(checker),
        }
        settings = Settings.from_mapping({"correct_rounds": 2, "correct_candidates": 2})
        generator = ScriptedGenerator(list(script))
        teacher = EvidenceTeacher(checker, 0)
        corrector = Corrector(generator, None, named, checker, teacher, settings, 0)  # type: ignore[arg-type]
        (record,) = corrector.write([Job(1, 2, 3, EVIDENCE, earlier)], "test")
        assert not generator.script, "the corrector asked for fewer candidates than scripted"
        return record, generator

    return run


def test_a_good_draft_is_kept_untouched(write: Any) -> None:
    record, generator = write(GOOD)
    assert (record.draft, record.rounds, record.failure, record.teacher) == (GOOD, 0, None, False)
    assert record.text == GOOD.split("</think> ")[1]
    assert len(generator.prompts) == 1


def test_the_failure_is_named_and_the_best_passing_candidate_kept(write: Any) -> None:
    record, generator = write(WRONG_TITLE, GOOD, BETTER)
    assert record.failure == '"Toy Story" is not in the facts'
    assert all('Fix: "Toy Story" is not in the facts' in prompt for prompt in generator.prompts[1:])
    assert record.text == BETTER.split("</think> ")[1]
    assert (record.rounds, record.teacher) == (1, False)
    assert record.rewards["total"] > record.draft_reward


@pytest.mark.parametrize(
    ("draft", "failure"),
    [
        (OFF_TARGET, "the target is not named"),
        ("nonsense", "the think tags are missing"),
        (LOW, "say more about this user"),
    ],
)
def test_every_kind_of_failure_is_found(write: Any, draft: str, failure: str) -> None:
    record, _ = write(draft, GOOD, GOOD)
    assert record.failure == failure
    assert record.text == GOOD.split("</think> ")[1]


def test_the_teacher_stands_in_when_nothing_passes(write: Any) -> None:
    record, _ = write(WRONG_TITLE, *["nonsense"] * 4)
    assert record.teacher and record.rounds == 2
    teacher = EvidenceTeacher(GroundingChecker(CATALOG), 0).write(EVIDENCE)
    assert record.text == teacher.text


def test_a_sound_reason_is_never_replaced_by_a_lower_one(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every candidate is sound and scores too low, and so does the teacher, lower still.
    worse = replace(
        EvidenceTeacher(GroundingChecker(CATALOG), 0).write(EVIDENCE), text='Try "Fargo", it is a popular popular one.'
    )
    monkeypatch.setattr(EvidenceTeacher, "write", lambda self, evidence: worse)
    monkeypatch.setattr(
        "tests.correction.test_corrector._model_reward",
        lambda completions, **_: [-0.9 if "popular popular" in text else -0.5 for text in completions],
    )
    record, _ = write(GOOD, *[GOOD] * 4)
    assert not record.teacher
    assert record.text == GOOD.split("</think> ")[1]


def test_earlier_reasons_stand_in_the_prompt(write: Any) -> None:
    _, generator = write(GOOD, earlier=("You may like it.",))
    assert "Earlier: You may like it." in generator.prompts[0]
