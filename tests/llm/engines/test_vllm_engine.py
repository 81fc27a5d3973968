"""What is passed to vLLM. A stand-in records the calls: this tests arguments alone, not vLLM."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from recbole_curec.llm.engines.factory import stage_engine

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import seed_number
from recbole_curec.llm.loading import load_tokenizer
from tests.llm.engines.small_model import PROMPTS
from tests.llm.engines.test_ctranslate2_engine import adapted, context

SETTINGS = {"engine": "vllm", "vllm_memory_share": 0.5, "vllm_gpus": 2, "max_prompt_tokens": 100}


@dataclass
class LoRARequest:
    lora_name: str
    lora_int_id: int
    lora_path: str


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A stand-in for the package; every completion is the prompt's number, an end token, and more."""
    calls = SimpleNamespace(built={}, generated={})

    class LLM:
        def __init__(self, **arguments: Any) -> None:
            calls.built = arguments

        def generate(self, prompts: Any, sampling: Any, **more: Any) -> list[Any]:
            calls.generated = {"prompts": prompts, "sampling": sampling, **more}
            tokenizer = load_tokenizer(Path(calls.built["tokenizer"]))
            answers = [tokenizer(f"<think> a</think> {number}<|end|> b")["input_ids"] for number in range(len(prompts))]
            return [SimpleNamespace(outputs=[SimpleNamespace(token_ids=tuple(answer))]) for answer in answers]

    package, lora, request = ModuleType("vllm"), ModuleType("vllm.lora"), ModuleType("vllm.lora.request")
    package.LLM, package.SamplingParams = LLM, dict  # type: ignore[attr-defined]
    request.LoRARequest = LoRARequest  # type: ignore[attr-defined]
    for module in (package, lora, request):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return calls


def test_a_full_model(vllm: SimpleNamespace, tiny: Path, tmp_path: Path) -> None:
    engine = stage_engine(context(tiny, tmp_path, **SETTINGS), "align")
    assert vllm.built == {
        "model": str(tiny), "tokenizer": str(tiny), "max_model_len": 116, "gpu_memory_utilization": 0.5,
        "tensor_parallel_size": 2, "seed": 0,
    }  # fmt: skip
    written = engine.write(PROMPTS[:3], temperature=0.7, seed="a", progress=True)
    assert written == [f"<think> a</think> {number}" for number in range(3)]
    tokenizer = load_tokenizer(tiny)
    assert vllm.generated["prompts"] == [{"prompt_token_ids": prompt_tokens(tokenizer, p)} for p in PROMPTS[:3]]
    assert vllm.generated["sampling"][1] == {
        "temperature": 0.7, "top_p": 1.0, "top_k": 0, "max_tokens": 16, "seed": seed_number("a", 1),
        "stop_token_ids": [0, 3], "skip_special_tokens": False,
    }  # fmt: skip
    assert vllm.generated["use_tqdm"] is True
    assert vllm.generated["lora_request"] is None


def test_an_adapter_is_applied_to_its_base(vllm: SimpleNamespace, tiny: Path, tmp_path: Path) -> None:
    folder = adapted(tiny, tmp_path / "adapter")
    engine = stage_engine(context(folder, tmp_path, **SETTINGS), "align")
    assert (vllm.built["model"], vllm.built["tokenizer"]) == (str(tiny), str(folder))
    assert (vllm.built["enable_lora"], vllm.built["max_lora_rank"]) == (True, 8)  # the adapter's rank is 4
    assert engine.write(PROMPTS[:1], temperature=0.7, seed="a") == ["<think> a</think> 0"]
    assert vllm.generated["lora_request"] == LoRARequest("curec", 1, str(folder))


def test_a_prompt_without_room_is_named_before_anything_is_written(
    vllm: SimpleNamespace, tiny: Path, tmp_path: Path
) -> None:
    engine = stage_engine(context(tiny, tmp_path, **SETTINGS), "align")
    with pytest.raises(ConfigurationError, match=r"no room for a prompt of \d{3,} tokens.*\(now 100\)"):
        engine.write([PROMPTS[0], [{"role": "user", "content": "word " * 200}]], temperature=0.7, seed="a")
    assert not vllm.generated
