"""Prompts that are too long lose history, and keep what they are about."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.reasons.fitting import fit_prompt, fit_request
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.settings.sections import CollectSettings
from tests.chat_models import tiny_tokenizer
from tests.examples import EVIDENCE, toy_builder
from tests.reasons.test_tasks import factory


@pytest.mark.parametrize("task", ["reason", "judge", "choose", "understand"])
def test_long_prompts_lose_history_and_keep_their_target(task: str) -> None:
    tokenizer, made = tiny_tokenizer(), factory(toy_builder())
    examples = made.draw({task: 1.0} if task == "reason" else {"reason": 0.01, task: 1.0}, 60, progress=False)
    examples = [example for example in examples if example.task == task]
    assert len(examples) > 20
    lengths = [len(prompt_tokens(tokenizer, example.prompt)) for example in examples]
    limit = int(np.quantile(lengths, 0.5))
    shortened = 0
    for example, length in zip(examples, lengths, strict=True):
        kept = fit_prompt(tokenizer, example.prompt, limit)
        before, after = (messages[-1]["content"].split("\n") for messages in (example.prompt, kept))
        if length <= limit or task == "understand":
            assert kept == example.prompt
            continue
        shortened += 1
        gone = [line for line in before if line.startswith("Earlier:") and line not in after]
        assert after[1:] == [line for line in before[1:] if line not in gone]
        assert before[0].endswith(after[0].removeprefix("History: ")) or after[0] == "History: none"
        if gone:
            assert after[0] == "History: none"
        assert len(prompt_tokens(tokenizer, kept)) <= limit or after[0] == "History: none"
    assert shortened > 5 or task == "understand"


def test_a_reason_prompt_without_room_is_left_with_its_facts() -> None:
    tokenizer, builder = tiny_tokenizer(), TablePrompts(CollectSettings())
    whole = builder.reason(EVIDENCE, ("One.", "Two."), "too long")
    request = ReasonRequest(EVIDENCE, ("One.", "Two."), "too long")
    assert fit_request(tokenizer, builder, request, 10_000) == whole
    lines = fit_request(tokenizer, builder, request, 1)[-1]["content"].split("\n")
    assert lines == ["History: none", *whole[-1]["content"].split("\n")[3:]]
    assert lines[1] == "Fix: too long"
