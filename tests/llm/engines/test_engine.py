"""What every engine promises, checked on those that run in this process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from recbole_curec.llm.engines.ctranslate2_engine import CTranslate2Engine, convert
from recbole_curec.llm.engines.transformers_engine import TransformersEngine
from transformers import GenerationConfig

from recbole_curec.llm.engines.batched import length_batches
from recbole_curec.llm.engines.engine import decode_completion, end_tokens, seed_number
from recbole_curec.llm.loading import load_model
from tests.llm.engines.small_model import PROMPTS

CPU = torch.device("cpu")


@pytest.fixture(params=["transformers", "ctranslate2"])
def engine(request: pytest.FixtureRequest, tiny: Path, tmp_path: Path) -> Any:
    model, tokenizer = load_model(tiny)
    if request.param == "transformers":
        return TransformersEngine(model, tokenizer, CPU, max_new_tokens=12, batch_size=8)
    ends = end_tokens(tokenizer, convert(tiny, tmp_path / "converted", "float32"))
    return CTranslate2Engine(
        tmp_path / "converted", tokenizer, ends, CPU, compute_type="float32", max_new_tokens=12, batch_size=8
    )


def test_completions_are_in_the_order_of_the_prompts(engine: Any) -> None:
    whole = engine.write(PROMPTS, temperature=0, seed="a")
    assert len(set(whole)) > len(PROMPTS) // 2  # a wrong order would show
    assert engine.write(PROMPTS[::-1], temperature=0, seed="a") == whole[::-1]
    assert [engine.write([prompt], temperature=0, seed="a")[0] for prompt in PROMPTS[:6]] == whole[:6]
    assert engine.write([], temperature=0, seed="a") == []


def test_the_name_of_a_call_fixes_what_it_writes(engine: Any) -> None:
    first = engine.write(PROMPTS, temperature=1.0, seed="a")
    assert engine.write(PROMPTS[:3], temperature=1.0, seed="b") != first[:3]
    assert engine.write(PROMPTS, temperature=1.0, seed="a") == first  # whatever was written in between
    assert engine.write(PROMPTS, temperature=1.0, seed="b") != first
    twice = engine.write([PROMPTS[0], PROMPTS[0]], temperature=1.0, seed="a")
    assert twice[0] != twice[1]


def test_temperature_flattens(engine: Any) -> None:
    cold, hot = (
        [engine.write(PROMPTS[:8], temperature=temperature, seed=seed) for seed in "abcd"]
        for temperature in (0.01, 3.0)
    )
    likeliest = engine.write(PROMPTS[:8], temperature=0, seed="a")
    assert _agreement(cold, likeliest) > 0.9 > 0.5 > _agreement(hot, likeliest)


def _agreement(calls: list[list[str]], likeliest: list[str]) -> float:
    pairs = [pair for written in calls for pair in zip(written, likeliest, strict=True)]
    return sum(one == other for one, other in pairs) / len(pairs)


def test_a_completion_is_as_long_as_allowed(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[type(engine).__module__]
    monkeypatch.setattr(module, "decode_completion", lambda tokenizer, tokens, ends: str(len(tokens)))
    # The prompts of a batch differ in length, which must not count.
    lengths = {int(text) for text in engine.write(PROMPTS, temperature=0, seed="a")}
    assert max(lengths) == 12


def test_end_tokens_end_and_think_tags_stay(tiny: Path) -> None:
    _, tokenizer = load_model(tiny)
    tokens = tokenizer(" <think> a</think> you may like it.<|end|> because")["input_ids"]
    assert end_tokens(tokenizer, GenerationConfig(eos_token_id=[3, 7])) == [0, 3, 7]
    assert decode_completion(tokenizer, tokens, [0, 3]) == "<think> a</think> you may like it."
    assert decode_completion(tokenizer, tokens[:-3], []).startswith("<think>")


def test_batches_are_of_like_length() -> None:
    rows = [[0] * length for length in (5, 1, 4, 1, 3)]
    assert list(length_batches(rows, 2)) == [[1, 3], [4, 2], [0]]


def test_seeds_differ_by_name_and_number() -> None:
    assert len({seed_number(name, number) for name in "ab" for number in range(100)}) == 200
    assert seed_number("2020/reward", 0) == 2244356225  # artifacts made before depend on it
