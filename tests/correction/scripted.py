"""A corrector whose language model writes what a test wants it to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.writer import ReasonWriter
from recbole_curec.settings.sections import CollectSettings


class ScriptedEngine(Engine):
    """Answers from a script and remembers the prompts."""

    def __init__(self, script: Sequence[str]) -> None:
        self.script = list(script)
        self.prompts: list[str] = []
        self.calls: list[int] = []
        self.temperatures: list[float] = []

    @classmethod
    def open(cls, request: EngineRequest) -> ScriptedEngine:
        return cls(())

    def write(self, prompts: Sequence[list[Message]], *, temperature: float = 0.0, **_: Any) -> list[str]:
        self.temperatures.append(temperature)
        self.calls.append(len(prompts))
        self.prompts += [prompt[-1]["content"] for prompt in prompts]
        return [self.script.pop(0) for _ in prompts]


class UncutWriter(ReasonWriter):
    """Prompts at their full length, for which no tokenizer is needed."""

    def __init__(self, engine: Engine) -> None:
        tokenizer: Any = None
        super().__init__(engine, tokenizer, TablePrompts(CollectSettings()), max_prompt_tokens=10_000, temperature=0.7)

    def prompt(self, request: ReasonRequest) -> list[Message]:
        return self.prompts.reason(request.evidence, earlier=request.earlier, failure=request.failure)
