"""From evidence to completions: prompts are made to fit, and handed to the engine in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.fitting import fit_request
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.writer import ReasonWriter
from recbole_curec.settings.sections import CollectSettings
from tests.chat_models import tiny_tokenizer
from tests.examples import EVIDENCE

BUILDER = TablePrompts(CollectSettings())


class Recorder(Engine):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    @classmethod
    def open(cls, request: EngineRequest) -> Recorder:
        raise NotImplementedError

    def write(self, prompts: Sequence[list[Message]], **given: Any) -> list[str]:
        self.calls.append({"prompts": list(prompts), **given})
        return [str(number) for number in range(len(prompts))]


def test_requests_are_written_in_one_call() -> None:
    tokenizer, engine = tiny_tokenizer(), Recorder()
    requests = [ReasonRequest(EVIDENCE), ReasonRequest(EVIDENCE, ("One.", "Two."), "too long")]
    whole = BUILDER.reason(EVIDENCE, ("One.", "Two."), "too long")
    limit = len(prompt_tokens(tokenizer, whole)) - 1
    writer = ReasonWriter(engine, tokenizer, BUILDER, max_prompt_tokens=limit, temperature=0.4)
    assert writer.write(requests, "a call", description="reasons", progress=True) == ["0", "1"]
    shorter = fit_request(tokenizer, BUILDER, ReasonRequest(EVIDENCE, ("One.", "Two."), "too long"), limit)
    assert engine.calls == [
        {
            "prompts": [BUILDER.reason(EVIDENCE), shorter],
            "temperature": 0.4,
            "seed": "a call",
            "description": "reasons",
            "progress": True,
        }
    ]
    assert shorter != whole
    assert len(prompt_tokens(tokenizer, shorter)) <= limit
