from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from transformers import OlmoConfig, OlmoForCausalLM

from recbole_curec.llm.engines.ctranslate2 import CTranslate2Engine, CTranslate2Settings, shared_length
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.settings.sections import LanguageModelSettings
from tests.llm.engines.small_model import PROMPTS, adapted, request_for


def greedy(engine: Any) -> list[str]:
    written: list[str] = engine.write(PROMPTS, temperature=0, seed="a")
    return written


def test_greedy_completions_equal_those_of_transformers(tiny: Path, tmp_path: Path) -> None:
    request = request_for(tiny, tmp_path)
    engine = CTranslate2Engine.open(request)
    assert isinstance(engine, CTranslate2Engine)
    expected = greedy(TransformersEngine.open(request))
    assert len(set(expected)) > len(PROMPTS) // 2
    assert greedy(engine) == expected


def test_int8_rounds_the_weights(tiny: Path, tmp_path: Path) -> None:
    exact, rounded = (
        CTranslate2Engine.open(request_for(tiny, tmp_path / kind, **{"ctranslate2.type": kind}))
        for kind in ("float32", "int8")
    )
    sizes = [(tmp_path / kind / "ctranslate2" / "model.bin").stat().st_size for kind in ("float32", "int8")]
    assert sizes[1] < 0.5 * sizes[0]
    same = sum(one == other for one, other in zip(greedy(exact), greedy(rounded), strict=True))
    assert 0 < same <= len(PROMPTS)


def test_what_all_prompts_share_is_found() -> None:
    start = list(range(20))
    assert shared_length([[*start, 1, 2], [*start, 1, 3, 4]]) == 21
    assert shared_length([[*start, 1], [*start]]) == 19  # each keeps a last token
    assert shared_length([start[:10], start[:12]]) == shared_length([start]) == shared_length([[1, *start], start]) == 0


def test_sampling_over_a_shared_start_depends_on_the_seed_alone(tiny: Path, tmp_path: Path) -> None:
    engine = CTranslate2Engine.open(request_for(tiny, tmp_path))
    prompts = [[{"role": "user", "content": f"{'Heat Fargo ' * 10}{prompt[0]['content']}"}] for prompt in PROMPTS[:6]]
    first = engine.write(prompts, temperature=1.0, seed="a")
    engine.write(prompts, temperature=0, seed="a")
    assert engine.write(prompts, temperature=1.0, seed="a") == first != engine.write(prompts, temperature=1.0, seed="b")


@pytest.mark.parametrize(("llm", "numbers"), [("tiny", "float32"), ("org/model", "int8")])
def test_a_pretrained_model_is_rounded_unless_told_otherwise(llm: str, numbers: str) -> None:
    assert CTranslate2Settings().numbers(LanguageModelSettings(name=llm)) == numbers
    assert CTranslate2Settings(type="float32").numbers(LanguageModelSettings(name=llm)) == "float32"


def test_an_adapter_is_merged(tiny: Path, tmp_path: Path) -> None:
    folder, scratch = adapted(tiny, tmp_path / "adapter"), tmp_path / "scratch"
    request = request_for(folder, scratch)
    written = greedy(CTranslate2Engine.open(request))
    assert written == greedy(TransformersEngine.open(request))
    assert written != greedy(TransformersEngine.open(request_for(tiny, scratch)))
    assert [path.name for path in scratch.iterdir()] == ["ctranslate2"]  # the merged weights are gone


def test_half_a_copy_of_a_killed_run_is_made_anew(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "ctranslate2").mkdir()
    (tmp_path / "ctranslate2" / "model.bin").write_bytes(b"half")
    request = request_for(tiny, tmp_path)
    assert greedy(CTranslate2Engine.open(request)) == greedy(TransformersEngine.open(request))


def test_another_architecture_falls_back_to_transformers(
    tiny: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokenizer, folder = load_tokenizer(tiny), tmp_path / "olmo"
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    OlmoForCausalLM(OlmoConfig(vocab_size=len(tokenizer), **sizes, **ends)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    with caplog.at_level(logging.WARNING, "recbole_curec"):
        engine = CTranslate2Engine.open(request_for(folder, tmp_path / "scratch"))
    assert isinstance(engine, TransformersEngine)
    (message,) = caplog.messages
    assert message == (
        "engine: ctranslate2 cannot convert this model (No conversion is registered for the model configuration "
        "OlmoConfig); transformers runs it instead."
    )
    assert len(greedy(engine)) == len(PROMPTS)
