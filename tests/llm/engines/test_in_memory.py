"""Engines over weights in memory."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines import ctranslate2_weights, in_memory
from recbole_curec.llm.engines.ctranslate2 import CTranslate2Engine
from recbole_curec.llm.engines.ctranslate2_weights import NotConvertible
from recbole_curec.llm.engines.engine import Engine, EngineRequest, decode_completion, end_tokens
from recbole_curec.llm.engines.in_memory import InMemoryEngines
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.loading import load_model
from recbole_curec.processes import World
from recbole_curec.settings.settings import Settings
from tests.llm.engines.small_model import PROMPTS, adapted, write_chat, write_tiny

pytest.importorskip("ctranslate2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("llm"))


def engines(folder: Path, scratch: Path, entry: type[Engine] = CTranslate2Engine, device: str = "cpu") -> Any:
    settings = Settings.from_mapping({"llm.max_reason_tokens": 16, "llm.max_prompt_tokens": 64})
    request = EngineRequest(folder, "reinforce", scratch, 1, torch.device(device), settings)
    return InMemoryEngines(entry, request, load_model(folder)[1])


def test_what_is_written_follows_the_weights(folder: Path, tmp_path: Path) -> None:
    model, _ = load_model(folder)
    ours, reference = engines(folder, tmp_path), engines(folder, tmp_path, TransformersEngine)
    assert isinstance(reference.over(model), TransformersEngine)
    first = ours.over(model).write(PROMPTS, temperature=0, seed="a")
    assert first == reference.over(model).write(PROMPTS, temperature=0, seed="a")
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(0)))
    changed = ours.over(model).write(PROMPTS, temperature=0, seed="a")
    assert changed != first
    assert changed == reference.over(model).write(PROMPTS, temperature=0, seed="a")


def test_rollouts_depend_on_the_seed_alone_and_come_in_the_order_of_the_prompts(folder: Path, tmp_path: Path) -> None:
    model, tokenizer = load_model(folder)
    sample = engines(folder, tmp_path).sampler(model, 2, 1e-4)
    assert sample is not None
    tokens = [prompt_tokens(tokenizer, prompt) for prompt in PROMPTS[:3] for _ in range(2)]
    written = sample(model, tokens, "a")
    # So cold that the likeliest token is drawn.
    greedy = engines(folder, tmp_path, TransformersEngine).over(model).write(PROMPTS[:3], temperature=0, seed="")
    texts = [str(tokenizer.decode(part, skip_special_tokens=True)).strip() for part in written]
    assert texts == [text for text in greedy for _ in range(2)]
    warm = engines(folder, tmp_path).sampler(model, 2, 1.0)
    assert warm is not None
    assert warm(model, tokens, "a") == warm(model, tokens, "a") != warm(model, tokens, "b")
    assert all(0 < len(part) <= 16 for part in warm(model, tokens, "a"))


@pytest.mark.parametrize(("large", "times"), [(0, 2), (1 << 27, 0)])
def test_memory_is_given_back_before_and_after_rollouts_of_a_large_model(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int, times: int
) -> None:
    model, tokenizer = load_model(folder)
    sample, given = engines(folder, tmp_path).sampler(model, 2, 1.0), []
    assert sample is not None
    monkeypatch.setattr("recbole_curec.llm.size._LARGE", large)
    monkeypatch.setattr(in_memory, "release_memory", lambda: given.append(1))
    tokens = [prompt_tokens(tokenizer, PROMPTS[0])] * 2
    assert len(sample(model, tokens, "a")) == 2
    assert len(given) == times


def test_transformers_writes_where_a_model_cannot_be_converted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise NotConvertible("no such architecture")

    monkeypatch.setattr("recbole_curec.llm.engines.ctranslate2.convert_in_memory", refuse)
    model, tokenizer = load_model(folder)
    assert isinstance(engines(folder, tmp_path).over(model), TransformersEngine)
    tokens = [prompt_tokens(tokenizer, PROMPTS[0])] * 2
    refused, asked = (engines(folder, tmp_path, entry) for entry in (CTranslate2Engine, TransformersEngine))
    assert refused.sampler(model, 2, 1.0)(model, tokens, "a") == asked.sampler(model, 2, 1.0)(model, tokens, "a")


def test_transformers_samples_rollouts_with_the_weights_as_they_are(tmp_path: Path) -> None:
    folder = adapted(write_chat(tmp_path / "base"), tmp_path / "adapter")
    model, tokenizer = load_model(folder, trainable=True)
    model.gradient_checkpointing_enable()
    model.train()
    made = engines(folder, tmp_path / "scratch", TransformersEngine)
    sample = made.sampler(model, 2, 1e-4)
    tokens = [prompt_tokens(tokenizer, prompt) for prompt in PROMPTS[:3] for _ in range(2)]
    written = sample(model, tokens, "a")
    assert model.training
    greedy = made.over(load_model(folder)[0]).write(PROMPTS[:3], temperature=0, seed="")
    ends = end_tokens(tokenizer, model.generation_config)
    assert [decode_completion(tokenizer, part, ends).strip() for part in written[::2]] == greedy
    assert written[::2] == written[1::2]
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(0)))
    assert sample(model, tokens, "a") != written
    warm = made.sampler(model, 2, 1.0)
    assert warm(model, tokens, "a") == warm(model, tokens, "a") != warm(model, tokens, "b")
    assert not (tmp_path / "scratch").exists()  # nothing is converted


def test_nothing_of_the_copy_stays(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[Any] = []

    def kept(model: Any) -> Any:
        copies.append(copy.deepcopy(model))
        copies[-1].forward = copies[-1].forward  # a cycle, as trainers make one
        return copies[-1]

    monkeypatch.setattr(ctranslate2_weights, "merged", kept)
    model, _ = load_model(folder)
    ours = engines(folder, tmp_path)
    ours.over(model)
    sample = ours.sampler(model, 2, 1.0)
    assert len(copies) == 2
    assert {weight.device.type for one in copies for weight in one.parameters()} == {"meta"}
    assert {weight.device.type for weight in model.parameters()} == {"cpu"}
    assert sample is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ctranslate2-measured-0", "ctranslate2-sampled-0"]
    ours.close()
    assert not list(tmp_path.iterdir())


def test_every_process_has_a_copy_of_its_own(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "world", lambda: World(rank=1, size=2))
    engines(folder, tmp_path).over(load_model(folder)[0])
    assert [path.name for path in tmp_path.iterdir()] == ["ctranslate2-measured-1"]


def test_rollouts_on_a_gpu_are_left_to_the_trainer(folder: Path, tmp_path: Path) -> None:
    model, _ = load_model(folder)
    assert engines(folder, tmp_path, device="cuda").sampler(model, 2, 1.0) is None
    assert in_memory._EXACT == "float32"
