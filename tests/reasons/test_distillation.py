"""What another teacher writes is taken where it is sound, and counted where it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ServerError
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.distillation import rewrite_reasons
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.tasks import Example
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherRequest
from recbole_curec.settings.sections import CollectSettings
from tests.examples import CATALOG, EVIDENCE, GOOD

BUILDER = TablePrompts(CollectSettings())
FINDER = FailureFinder(ClaimChecker(CATALOG))
OWN = '<think>\nmy own words\n</think>\n\nYou may like "Fargo", as you took "Heat" before.'
FALSE = GOOD.replace('"Heat" and', '"Toy Story" and')


class Told(Teacher):
    """Gives the answers it was made with."""

    def __init__(self, written: Sequence[str]) -> None:
        self.written, self.asked = list(written), list[tuple[list[Message], Evidence]]()

    @classmethod
    def prepare(cls, request: TeacherRequest) -> Told:
        raise NotImplementedError

    def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
        self.asked += zip(prompts, evidence, strict=True)
        return self.written


def reason(position: int) -> Example:
    evidence = replace(EVIDENCE, position=position)
    return Example("reason", BUILDER.reason(evidence), f"as drawn {position}", evidence)


def test_sound_answers_take_the_place_of_what_was_drawn() -> None:
    judge = Example("judge", BUILDER.judge(EVIDENCE), "<think> a</think> Yes")
    examples = [judge, reason(1), reason(2), judge, reason(3), reason(4)]
    teacher = Told([OWN, FALSE, "no tags at all", GOOD])
    rewritten = rewrite_reasons(examples, teacher, FINDER)
    assert [example.completion for example in rewritten.examples] == [
        judge.completion,
        '<think> my own words</think> You may like "Fargo", as you took "Heat" before.',  # as the model should write it
        "as drawn 2",
        judge.completion,
        "as drawn 3",
        GOOD,
    ]
    assert [replace(example, completion="") for example in rewritten.examples] == [
        replace(example, completion="") for example in examples
    ]
    assert rewritten.accepted == 2
    assert rewritten.rejected == Counter({"title": 1, "format": 1})
    assert teacher.asked == [(example.prompt, example.evidence) for example in examples if example.task == "reason"]
    assert examples[1].completion == "as drawn 1"  # what came in is left as it is


def test_a_server_that_stops_stops_the_stage() -> None:
    class Broken(Told):
        def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
            raise ServerError("it stopped")

    with pytest.raises(ServerError, match="it stopped"):
        rewrite_reasons([reason(1)], Broken([]), FINDER)


def test_one_answer_per_prompt_or_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        rewrite_reasons([reason(1), reason(2)], Told([GOOD]), FINDER)
