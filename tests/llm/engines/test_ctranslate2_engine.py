from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from recbole_curec.llm.engines.ctranslate2_engine import CTranslate2Engine
from recbole_curec.llm.engines.factory import stage_engine
from recbole_curec.llm.engines.transformers_engine import TransformersEngine
from transformers import AutoModelForCausalLM, OlmoConfig, OlmoForCausalLM

from recbole_curec.llm.loading import BaseModel, load_model, load_tokenizer, save_model
from recbole_curec.pipeline.stage import StageContext
from recbole_curec.settings.settings import Settings
from tests.llm.engines.small_model import PROMPTS


def context(folder: Path, scratch: Path, **settings: Any) -> StageContext:
    given = {"engine": "ctranslate2", "max_reason_tokens": 16, "generation_batch_size": 8, **settings}
    return StageContext(
        settings=Settings.from_mapping(given),
        source=None,  # type: ignore[arg-type]
        folder=scratch,
        scratch=scratch,
        inputs={"align": folder},
        seed=0,
        device=torch.device("cpu"),
    )


def greedy(engine: Any) -> list[str]:
    written: list[str] = engine.write(PROMPTS, temperature=0, seed="a")
    return written


def adapted(tiny: Path, folder: Path) -> Path:
    """An adapter of the tiny model that changes what it writes."""
    torch.manual_seed(0)
    settings = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(tiny), settings)
    save_model(model, load_tokenizer(tiny), folder, BaseModel(str(tiny)))
    return folder


def test_greedy_completions_equal_those_of_transformers(tiny: Path, tmp_path: Path) -> None:
    here = context(tiny, tmp_path)
    engine = stage_engine(here, "align")
    assert isinstance(engine, CTranslate2Engine)
    expected = greedy(TransformersEngine.for_stage(here, *load_model(tiny)))
    assert len(set(expected)) > len(PROMPTS) // 2
    assert greedy(engine) == expected


def test_int8_rounds_the_weights(tiny: Path, tmp_path: Path) -> None:
    exact, rounded = (
        stage_engine(context(tiny, tmp_path / kind, ctranslate2_type=kind), "align") for kind in ("float32", "int8")
    )
    sizes = [(tmp_path / kind / "ctranslate2" / "model.bin").stat().st_size for kind in ("float32", "int8")]
    assert sizes[1] < 0.5 * sizes[0]
    same = sum(one == other for one, other in zip(greedy(exact), greedy(rounded), strict=True))
    assert 0 < same <= len(PROMPTS)


def test_an_adapter_is_merged(tiny: Path, tmp_path: Path) -> None:
    folder, scratch = adapted(tiny, tmp_path / "adapter"), tmp_path / "scratch"
    here = context(folder, scratch)
    written = greedy(stage_engine(here, "align"))
    assert written == greedy(TransformersEngine.for_stage(here, *load_model(folder)))
    assert written != greedy(TransformersEngine.for_stage(here, *load_model(tiny)))
    assert [path.name for path in scratch.iterdir()] == ["ctranslate2"]  # the merged weights are gone


def test_half_a_copy_of_a_killed_run_is_made_anew(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "ctranslate2").mkdir()
    (tmp_path / "ctranslate2" / "model.bin").write_bytes(b"half")
    assert greedy(stage_engine(context(tiny, tmp_path), "align"))


def test_another_architecture_falls_back_to_transformers(
    tiny: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokenizer, folder = load_tokenizer(tiny), tmp_path / "olmo"
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    OlmoForCausalLM(OlmoConfig(vocab_size=len(tokenizer), **sizes, **ends)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    with caplog.at_level(logging.WARNING, "recbole_curec"):
        engine = stage_engine(context(folder, tmp_path / "scratch"), "align")
    assert isinstance(engine, TransformersEngine)
    (message,) = caplog.messages
    assert message == (
        "engine: ctranslate2 cannot convert this model (No conversion is registered for the model configuration "
        "OlmoConfig); transformers runs it instead."
    )
    assert len(greedy(engine)) == len(PROMPTS)
