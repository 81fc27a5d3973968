"""Families of models by their names."""

from __future__ import annotations

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.judging.families import check_families, families_of


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct", {"Llama"}),
        ("smollm2", {"SmolLM"}),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", {"SmolLM"}),
        ("Qwen/Qwen3-1.7B", {"Qwen"}),
        ("QwQ-32B", {"Qwen"}),
        ("google/gemma-3-27b-it", {"Gemma and Gemini"}),
        ("gpt-4o-mini", {"GPT"}),
        ("openai/gpt-oss-120b", {"GPT"}),
        ("o3-mini", {"GPT"}),
        ("mistralai/Mixtral-8x7B", {"Mistral"}),
        ("claude-sonnet-4", {"Claude"}),
        ("microsoft/phi-4", {"Phi"}),
        ("Phi3mini", {"Phi"}),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", {"DeepSeek", "Llama"}),
        ("dolphin", set()),
        ("tiny", set()),
        ("judge", set()),
        ("foo3-large", set()),
        ("philosopher", set()),
    ],
)
def test_a_name_tells_its_families(name: str, families: set[str]) -> None:
    assert families_of(name) == families


@pytest.mark.parametrize(
    ("judge", "writer", "what"),
    [
        ("Qwen/Qwen3-32B", "qwen2.5-7b", "the family Qwen"),
        ("DeepSeek-R1-Distill-Llama-70B", "llama-3", "the family Llama"),
        ("mine", "Mine", "one name"),
    ],
)
def test_judge_and_writer_of_one_family(judge: str, writer: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{what}, and models prefer .*: let a model of another family judge"):
        check_families(judge, ["gpt-4o", writer])


def test_what_cannot_be_known_is_a_doubt() -> None:
    assert check_families("gpt-4o", ["smollm2"]) == []
    (unnamed,) = check_families("gpt-4o", [])
    assert unnamed.startswith("judge.writers names no model")
    assert len(check_families("judge", ["tiny"])) == 2
