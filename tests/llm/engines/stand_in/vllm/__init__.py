"""Stands in for vLLM: it keeps what it is asked, and answers with the prompt's number, an end token, and more."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from recbole_curec.llm.loading import load_tokenizer

calls = SimpleNamespace(built={}, generated={})
SamplingParams = dict


class LLM:
    """``vllm.LLM``."""

    def __init__(self, **arguments: Any) -> None:
        calls.built = arguments

    def generate(self, prompts: Any, sampling: Any, **more: Any) -> list[Any]:
        calls.generated = {"prompts": prompts, "sampling": sampling, **more}
        tokenizer = load_tokenizer(Path(calls.built["tokenizer"]))
        answers = [tokenizer(f"<think> a</think> {number}<|end|> b")["input_ids"] for number in range(len(prompts))]
        return [SimpleNamespace(outputs=[SimpleNamespace(token_ids=tuple(answer))]) for answer in answers]
