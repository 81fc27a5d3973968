from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.correction.said import Said
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.teachers.teacher import TeacherReason
from recbole_curec.rewards.assessment import Assessor, Target
from recbole_curec.rewards.format import FormatReward
from recbole_curec.rewards.grounding import GroundingReward
from recbole_curec.rewards.length import LengthReward
from recbole_curec.rewards.reward import Reward
from recbole_curec.settings.sections import CorrectSettings
from tests.correction.scripted import ScriptedEngine, UncutWriter
from tests.examples import CATALOG, EVIDENCE, GOOD
from tests.rewards.rated import request

WRONG_TITLE = GOOD.replace('"Heat" and', '"Toy Story" and')
OFF_TARGET = GOOD.replace('like "Fargo"', "like it")
LOW = GOOD.replace("You may like", "Try")
WEIGHTS = {"model": 1.0, "format": 0.5, "grounding": 1.0, "length": 1.0}
BETTER = GOOD.replace("often choose", "favour")
OTHER = GOOD.replace("often choose", "often take")
TARGET = Target(user=1, item=2, position=3, evidence=EVIDENCE)


class Likes(Reward):
    """Likes a completion by the first of the given words in it."""

    def __init__(self) -> None:
        self.words = {"</think> Try": -0.5, "favour": 0.3}

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        return [next((value for word, value in self.words.items() if word in one), 0.1) for one in completions]


@pytest.fixture
def likes() -> Likes:
    """What the corrector's reward model likes; tests set the words."""
    return Likes()


@pytest.fixture
def corrector(likes: Likes) -> Callable[[list[str]], Corrector]:
    """A corrector whose model writes what the script says."""

    def make(script: list[str]) -> Corrector:
        checker = ClaimChecker(CATALOG)
        rewards = {
            "model": likes,
            "format": FormatReward.prepare(request()),
            "grounding": GroundingReward.prepare(request()),
            "length": LengthReward(),
        }
        settings = CorrectSettings(rounds=2, candidates=2)
        assessor = Assessor(rewards, WEIGHTS, FailureFinder(checker, settings.threshold))
        return Corrector(UncutWriter(ScriptedEngine(script)), assessor, EvidenceTeacher(checker, 0), settings, 0)

    return make


@pytest.fixture
def write(corrector: Any) -> Any:
    """Writes one reason by the script and gives it with its engine."""

    def run(*script: str, earlier: tuple[str, ...] = ()) -> tuple[ReasonRecord, ScriptedEngine]:
        made = corrector(list(script))
        (record,) = made.write([Job(TARGET, earlier)], "test")
        engine = made.writer.engine
        assert not engine.script, "the corrector asked for fewer candidates than scripted"
        return record, engine

    return run


def test_a_good_draft_is_kept_untouched(write: Any) -> None:
    record, engine = write(GOOD)
    assert (record.draft, record.rounds, record.failure, record.outcome) == (GOOD, 0, None, "kept")
    assert record.text == GOOD.split("</think> ")[1]
    assert len(engine.prompts) == 1


def test_the_failure_is_named_and_the_best_passing_candidate_kept(write: Any) -> None:
    record, engine = write(WRONG_TITLE, GOOD, BETTER)
    assert record.failure == '"Toy Story" is not in the facts'
    assert all('Fix: "Toy Story" is not in the facts' in prompt for prompt in engine.prompts[1:])
    assert record.text == BETTER.split("</think> ")[1]
    assert (record.rounds, record.outcome) == (1, "repaired")
    assert record.failure_kind == "title"
    assert record.rewards["total"] > record.draft_reward


@pytest.mark.parametrize(
    ("draft", "kind", "failure"),
    [
        (OFF_TARGET, "target", "the target is not named"),
        ("nonsense", "format", "the think tags are missing"),
        (GOOD[:-1] + " and you often choose Crime.", "repetition", "the reason repeats itself"),
        (LOW, "low reward", "say more about this user"),
    ],
)
def test_a_failure_is_stored_by_kind_and_in_words(write: Any, draft: str, kind: str, failure: str) -> None:
    record, _ = write(draft, GOOD, GOOD)
    assert (record.failure_kind, record.failure, record.outcome) == (kind, failure, "repaired")
    assert record.text == GOOD.split("</think> ")[1]


def test_the_teacher_stands_in_when_nothing_passes(write: Any) -> None:
    record, _ = write(WRONG_TITLE, *["nonsense"] * 4)
    assert record.teacher and record.rounds == 2
    teacher = EvidenceTeacher(ClaimChecker(CATALOG), 0).write(EVIDENCE)
    assert record.text == teacher.text


def test_a_sound_reason_is_never_replaced_by_a_lower_one(
    write: Any, likes: Likes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every candidate is sound and scores too low, and so does the teacher, lower still.
    worse = replace(
        EvidenceTeacher(ClaimChecker(CATALOG), 0).write(EVIDENCE), text='Try "Fargo", it is a popular popular one.'
    )
    monkeypatch.setattr(EvidenceTeacher, "write", lambda self, evidence: worse)
    likes.words = {"popular popular": -0.9, "": -0.5}
    record, _ = write(GOOD, *[GOOD] * 4)
    assert (record.outcome, record.failure_kind) == ("left", "low reward")
    assert record.rewards["total"] == record.draft_reward
    assert record.text == GOOD.split("</think> ")[1]


def test_among_sound_reasons_the_higher_reward_wins_even_if_the_other_passes(write: Any, likes: Likes) -> None:
    # The revision passes but is so long that it earns less in all than the draft, which misses the threshold by a hair.
    likes.words = {"You may like": -0.01, "At last": 0.2}
    longer = GOOD.replace("You may", "At last, " + "and on and then on again it goes, " * 4 + "you may")
    record, _ = write(GOOD, *[longer] * 4)
    assert record.text in GOOD


def test_a_false_reason_goes_even_if_it_scores_higher(
    write: Any, likes: Likes, monkeypatch: pytest.MonkeyPatch
) -> None:
    likes.words = {"Toy Story": 3.0, "favour": 0.4}
    monkeypatch.setattr(EvidenceTeacher, "write", lambda self, evidence: TeacherReason("Fargo", LOW.split("> ")[-1]))
    record, _ = write(WRONG_TITLE, GOOD, BETTER)
    # The teacher is asked as well, since the reward fell, and scores lower than the model's better revision.
    assert (record.text, record.outcome) == (BETTER.split("</think> ")[1], "repaired")
    assert record.rewards["total"] < record.draft_reward


def test_the_teacher_is_asked_when_a_repair_scores_lower_than_the_false_draft(
    write: Any, likes: Likes, monkeypatch: pytest.MonkeyPatch
) -> None:
    likes.words = {"Toy Story": 1.0, "favour": 2.0}
    best = TeacherReason("Fargo", BETTER.split("</think> ")[1])
    monkeypatch.setattr(EvidenceTeacher, "write", lambda self, evidence: best)
    record, _ = write(WRONG_TITLE, GOOD, GOOD)
    assert (record.text, record.outcome) == (best.text, "replaced")
    assert record.rewards["total"] > record.draft_reward


def test_every_round_is_one_generation_for_all_that_fail(corrector: Any) -> None:
    ours = GOOD.replace("You may like", "You might like")
    made = corrector([GOOD, WRONG_TITLE, "nonsense", OTHER, *[WRONG_TITLE] * 2, *[BETTER] * 2, *[ours] * 2])
    records = made.write([Job(TARGET) for _ in range(4)], "test")
    # Drafts; two candidates for two failures; two for the one that is left.
    assert made.writer.engine.calls == [4, 4, 2]
    assert [(record.outcome, record.rounds) for record in records] == [
        ("kept", 0), ("repaired", 2), ("repaired", 1), ("kept", 0)
    ]  # fmt: skip


def texts_of(records: list[ReasonRecord]) -> list[str]:
    return [record.text for record in records]


def final(completion: str) -> str:
    return completion.split("</think> ")[1]


def test_a_sentence_said_before_gets_other_words(corrector: Any) -> None:
    made = corrector([GOOD, BETTER, GOOD, GOOD, BETTER, OTHER, GOOD, GOOD])
    records = made.write([Job(TARGET) for _ in range(4)], "test")
    assert made.writer.engine.calls == [4, 4]  # one round for both that repeat the first
    assert "Fix: say more about this user" in made.writer.engine.prompts[4]
    assert texts_of(records)[:3] == [final(GOOD), final(BETTER), final(OTHER)]
    assert [(record.outcome, record.failure_kind, record.rounds) for record in records] == [
        ("kept", None, 0), ("kept", None, 0), ("repaired", "said before", 1), ("replaced", "said before", 1)
    ]  # fmt: skip
    assert len(set(texts_of(records))) == 4
    assert made.assessor.assess([TARGET], [f"<think> Fargo</think> {records[3].text}"])[0].failure is None


def test_a_sentence_of_an_earlier_batch_is_said_too_whatever_its_case(corrector: Any) -> None:
    said = Said()
    said.add(final(GOOD).upper().rstrip("."))
    made = corrector([GOOD, BETTER, OTHER])
    (record,) = made.write([Job(TARGET)], "test", said)
    assert (record.outcome, record.failure_kind) == ("repaired", "said before")
    assert final(GOOD) in said and record.text not in said  # the caller says what a batch wrote


def test_new_words_come_from_the_teacher_where_the_model_may_not_revise(corrector: Any) -> None:
    made = corrector([GOOD] * 12)
    made.settings = made.settings.model_copy(update={"rounds": 0})
    records = made.write([Job(TARGET) for _ in range(12)], "test")
    wordings = {reason.text for reason in made.teacher.variants(EVIDENCE)} | {final(GOOD)}
    assert [record.outcome for record in records] == [
        "kept", *["replaced"] * (len(wordings) - 1), *["left"] * (12 - len(wordings))
    ]  # fmt: skip
    assert set(texts_of(records)) == wordings
    assert {record.rounds for record in records} == {0}


@pytest.mark.parametrize(("given", "expected"), [(None, [0.7, 0.7, 0.7]), (1.1, [0.7, 1.1, 1.1])])
def test_revisions_may_have_a_temperature_of_their_own(
    corrector: Any, given: float | None, expected: list[float]
) -> None:
    made = corrector([GOOD, WRONG_TITLE, GOOD, GOOD, OTHER, OTHER])
    made.settings = made.settings.model_copy(update={"temperature": given, "rounds": 1})
    records = made.write([Job(TARGET), Job(TARGET)], "test")
    assert texts_of(records) == [final(GOOD), final(OTHER)]
    assert made.writer.engine.temperatures == expected  # drafts, the revision, and other words for what it repeats


def test_a_repaired_sentence_may_not_be_said_before_either(corrector: Any) -> None:
    made = corrector([GOOD, WRONG_TITLE, GOOD, GOOD, BETTER, GOOD])
    records = made.write([Job(TARGET), Job(TARGET)], "test")
    assert texts_of(records) == [final(GOOD), final(BETTER)]
    assert (records[1].outcome, records[1].failure_kind, records[1].rounds) == ("repaired", "title", 2)


def test_earlier_reasons_stand_in_the_prompt(write: Any) -> None:
    _, engine = write(GOOD, earlier=("You may like it.",))
    assert "Earlier: You may like it." in engine.prompts[0]
