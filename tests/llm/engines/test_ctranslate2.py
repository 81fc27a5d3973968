from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import OlmoConfig, OlmoForCausalLM

from recbole_curec.llm.engines import ctranslate2
from recbole_curec.llm.engines.ctranslate2 import CTranslate2Engine, CTranslate2Settings, shared_length
from recbole_curec.llm.engines.engine import seed_number
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


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("temperature", [0, 1.0])
def test_threads_and_their_order_change_no_completion(
    temperature: float, threads: Callable[[int], None], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, running, most, finished = CTranslate2Engine.complete_batch, set[int](), list[int](), list[int]()
    engine = CTranslate2Engine.open(request_for(tiny, tmp_path))
    assert isinstance(engine, CTranslate2Engine)
    seeds = [seed_number("a", number) for number in range(7)]  # 32 prompts, 5 a batch
    one_by_one = engine.write(PROMPTS, temperature=temperature, seed="a")
    assert len(set(one_by_one)) > len(PROMPTS) // 2

    def slow(self: CTranslate2Engine, prompts: list[list[int]], temperature: float, seed: int) -> list[str]:
        running.add(seed)
        most.append(len(running))
        written = write(self, prompts, temperature, seed)
        if seed == seeds[0]:
            time.sleep(0.2)
        running.remove(seed)
        finished.append(seed)
        return written

    monkeypatch.setattr(CTranslate2Engine, "complete_batch", slow)
    for count in (2, 3):
        threads(count)
        fresh = CTranslate2Engine.open(request_for(tiny, tmp_path / str(count)))
        assert fresh.write(PROMPTS, temperature=temperature, seed="a") == one_by_one
        assert max(most) == count
        assert sorted(finished) == sorted(seeds) and finished[0] != seeds[0]
        most.clear(), finished.clear()


def test_a_batch_that_fails_is_heard_of(
    threads: Callable[[int], None], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, begun = CTranslate2Engine.open(request_for(tiny, tmp_path)), list[int]()

    def fail(_: CTranslate2Engine, prompts: list[list[int]], temperature: float, seed: int) -> list[str]:
        begun.append(seed)
        if seed == seed_number("a", 1):
            raise RuntimeError("out of memory")
        time.sleep(0.1)
        return [""] * len(prompts)

    monkeypatch.setattr(CTranslate2Engine, "complete_batch", fail)
    threads(2)
    with pytest.raises(RuntimeError, match="out of memory"):
        engine.write(PROMPTS, temperature=1.0, seed="a")
    assert len(begun) == 2


def test_threads_are_shared_out_and_the_weights_fit_the_memory(
    threads: Callable[[int], None], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = CTranslate2Engine.open(request_for(tiny, tmp_path, **{"generate.batch_size": 128}))
    assert isinstance(engine, CTranslate2Engine)
    assert engine.batch_size == 16
    given, opened = list[tuple[int, int]](), engine._generator
    monkeypatch.setattr(engine, "_generator", lambda *numbers: given.append(numbers) or opened(*numbers))
    threads(4)
    assert [engine.share_out(batches) for batches in (0, 1, 2, 3, 9)] == [1, 1, 2, 3, 4]
    weights = sum(path.stat().st_size for path in (tmp_path / "ctranslate2").iterdir())
    for copies in (2, 0):
        monkeypatch.setattr(ctranslate2, "memory_bytes", lambda copies=copies: int(4 * (copies + 0.5) * weights))
        assert engine.share_out(9) == max(copies, 1)
        engine.write(PROMPTS, temperature=1.0, seed="a")  # two batches
    assert given == [(1, 2), (1, 2), (1, 4), (1, 4)]


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
