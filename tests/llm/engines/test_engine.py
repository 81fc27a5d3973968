"""What engines share: seeds, ends of completions, and which settings count for the one in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig

from recbole_curec.llm.engines.engine import decode_completion, end_tokens, seed_number, whole_completion
from recbole_curec.llm.loading import load_model
from recbole_curec.llm.messages import Message
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.correct import CORRECT
from recbole_curec.stages.reward import REWARD


def test_end_tokens_end_and_think_tags_stay(tiny: Path) -> None:
    _, tokenizer = load_model(tiny)
    tokens = tokenizer(" <think> a</think> you may like it.<|end|> because")["input_ids"]
    assert end_tokens(tokenizer, GenerationConfig(eos_token_id=[3, 7])) == [0, 3, 7]
    assert decode_completion(tokenizer, tokens, [0, 3]) == " <think> a</think> you may like it."
    assert decode_completion(tokenizer, tokens[:-3], []).startswith(" <think>")


def test_a_completion_has_what_the_prompt_begins_and_no_second_line() -> None:
    written = ' "Heat"</think> You may like "Heat" because it is Crime.\nAnd it'
    asked: Message = {"role": "user", "content": "Reason:"}
    begins: Message = {"role": "assistant", "content": "<think>"}
    whole = '<think> "Heat"</think> You may like "Heat" because it is Crime.'
    assert whole_completion([asked, begins], written) == whole
    assert whole_completion([asked], f" <think>{written} ") == whole


def test_seeds_differ_by_name_and_number() -> None:
    assert len({seed_number(name, number) for name in "ab" for number in range(100)}) == 200
    assert seed_number("2020/reward", 0) == 2244356225  # artifacts made before depend on it


def test_only_settings_of_the_engine_in_use_are_in_a_fingerprint() -> None:
    def told(**given: Any) -> dict[str, Any]:
        settings = Settings.from_mapping(given)
        reward, correct = (stage.fingerprint_parts(settings, torch.device("cpu")) for stage in (REWARD, CORRECT))
        engines = "generate", "ctranslate2", "vllm", "openai_engine", "openai"
        parts = [
            {section: values for section, values in part["settings"].items() if section in engines}
            for part in (reward, correct)
        ]
        assert parts[0] == parts[1]
        return parts[0]

    own = {"generate": {"batch_size": 128, "temperature": 0.7, "engine": "transformers"}}

    def with_engine(engine: str) -> dict[str, Any]:
        return {"generate": own["generate"] | {"engine": engine}}

    assert told(engine="transformers") == own
    assert told(engine="transformers", ctranslate2_type="int8", openai_model="m") == own
    assert told(engine="ctranslate2") == with_engine("ctranslate2") | {"ctranslate2": {"type": None}}
    server = {"engine": "openai", "openai_base_url": "http://localhost:8000/v1", "openai_model": "m"}
    assert told(**server) == with_engine("openai") | {"openai_engine": {"model": "m"}, "openai": {}}
    assert told(engine="vllm", vllm_gpus=4) == with_engine("vllm") | {"vllm": {}}
