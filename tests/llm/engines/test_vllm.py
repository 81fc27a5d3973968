"""What is passed to vLLM. A stand-in on the path records the calls: this tests arguments alone, not vLLM."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import seed_number
from recbole_curec.llm.engines.vllm import VLLMEngine
from recbole_curec.llm.loading import BaseModel, load_tokenizer, save_untuned
from recbole_curec.settings.settings import Settings
from tests.llm.engines.small_model import PROMPTS, adapted, request_for

STAND_IN = Path(__file__).parent / "stand_in"
SETTINGS = {"vllm.memory_share": 0.5, "vllm.gpus": 2, "llm.max_prompt_tokens": 100}


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The stand-in's module, importable for one test."""
    if "vllm" in sys.modules:
        pytest.fail("vLLM itself was imported before the stand-in")
    monkeypatch.syspath_prepend(STAND_IN)
    yield importlib.import_module("vllm")
    for name in [name for name in sys.modules if name.partition(".")[0] == "vllm"]:
        del sys.modules[name]


def open_engine(folder: Path, scratch: Path) -> VLLMEngine:
    return VLLMEngine.open(request_for(folder, scratch, **SETTINGS))


def test_a_full_model(vllm: Any, tiny: Path, tmp_path: Path) -> None:
    engine = open_engine(tiny, tmp_path)
    assert vllm.calls.built == {
        "model": str(tiny), "tokenizer": str(tiny), "max_model_len": 116, "gpu_memory_utilization": 0.5,
        "tensor_parallel_size": 2, "seed": 0, "revision": None, "trust_remote_code": False,
    }  # fmt: skip
    written = engine.write(PROMPTS[:3], temperature=0.7, seed="a", progress=True)
    assert written == [f"<think> a</think> {number}" for number in range(3)]
    tokenizer = load_tokenizer(tiny)
    generated = vllm.calls.generated
    assert generated["prompts"] == [{"prompt_token_ids": prompt_tokens(tokenizer, p)} for p in PROMPTS[:3]]
    assert generated["sampling"][1] == {
        "temperature": 0.7, "top_p": 1.0, "top_k": 0, "max_tokens": 16, "seed": seed_number("a", 1),
        "stop_token_ids": [0, 3], "skip_special_tokens": False,
    }  # fmt: skip
    assert generated["use_tqdm"] is True
    assert generated["lora_request"] is None


def test_an_adapter_is_applied_to_its_base(vllm: Any, tiny: Path, tmp_path: Path) -> None:
    folder = adapted(tiny, tmp_path / "adapter")
    engine = open_engine(folder, tmp_path)
    built = vllm.calls.built
    assert (built["model"], built["tokenizer"]) == (str(tiny), str(folder))
    assert (built["enable_lora"], built["max_lora_rank"]) == (True, 8)  # the adapter's rank is 4
    assert engine.write(PROMPTS[:1], temperature=0.7, seed="a") == ["<think> a</think> 0"]
    applied = vllm.calls.generated["lora_request"]
    assert (applied.lora_name, applied.lora_int_id, applied.lora_path) == ("curec", 1, str(folder))


def test_the_untuned_base_is_run_without_an_adapter(vllm: Any, tiny: Path, tmp_path: Path) -> None:
    save_untuned(BaseModel(str(tiny)), tmp_path / "untuned")
    engine = open_engine(tmp_path / "untuned", tmp_path)
    built = vllm.calls.built
    assert (built["model"], built["tokenizer"]) == (str(tiny), str(tmp_path / "untuned"))
    assert "enable_lora" not in built
    engine.write(PROMPTS[:1], temperature=0.0, seed="a")
    assert vllm.calls.generated["lora_request"] is None


def test_a_prompt_without_room_is_named_before_anything_is_written(vllm: Any, tiny: Path, tmp_path: Path) -> None:
    engine = open_engine(tiny, tmp_path)
    with pytest.raises(ConfigurationError, match=r"no room for a prompt of \d{3,} tokens.*\(now 100\)"):
        engine.write([PROMPTS[0], [{"role": "user", "content": "word " * 200}]], temperature=0.7, seed="a")
    assert not vllm.calls.generated


def test_an_installed_package_passes_the_check(vllm: Any) -> None:
    VLLMEngine.check(Settings.from_mapping({"engine": "vllm"}))
