"""Decoding without what transformers computes twice, copies, or computes for rows that have ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    DynamicCache,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
)
from transformers.cache_utils import DynamicLayer

from recbole_curec.llm.engines import transformers as engine_module
from recbole_curec.llm.engines.decoding import GrowingLayer, _drawn, decodes_by_rows, read_shared
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.loading import load_model
from tests.llm.engines.small_model import PROMPTS, adapted, request_for, write_chat


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chat(tmp_path_factory.mktemp("chat"))


def written(folder: Path, scratch: Path, temperature: float, by_rows: bool, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(engine_module, "decodes_by_rows", lambda _: by_rows)
    engine = TransformersEngine.open(request_for(folder, scratch))
    return engine.write(PROMPTS, temperature=temperature, seed="a")


def test_the_likeliest_tokens_are_those_of_transformers(
    chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = adapted(chat, tmp_path / "adapter")
    ours, theirs = (written(folder, tmp_path, 0, by_rows, monkeypatch) for by_rows in (True, False))
    assert ours == theirs
    assert len(set(ours)) > len(PROMPTS) // 2


def test_what_prompts_share_is_read_once_and_ended_rows_leave(
    chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, int]] = []
    kept: list[int] = []
    engine = TransformersEngine.open(request_for(chat, tmp_path))
    forward, select = engine.model.forward, GrowingLayer.batch_select_indices

    def seen(*args: Any, **given: Any) -> Any:
        sizes.append(tuple(given["input_ids"].shape))
        return forward(*args, **given)

    monkeypatch.setattr(engine.model, "forward", seen)
    monkeypatch.setattr(
        GrowingLayer, "batch_select_indices", lambda self, rows: (kept.append(len(rows)), select(self, rows))
    )
    prompts = [[5, *range(10, 40), number] for number in range(50, 58)]
    # Rows end one after the other, at their first, second ... token.
    monkeypatch.setattr(
        engine_module.ReasonEnded, "__call__",
        lambda self, tokens, scores, **_: tokens[:, 31] - 49 <= tokens.shape[1] - self._prompt_length,
    )  # fmt: skip
    texts = engine.sample_batch(prompts, 0, 1, stops=True)
    # The first seven are filled up, and what fills them ends them.
    assert [len(text) for text in texts] == [2, 3, 4, 5, 6, 7, 8, 8]
    assert sizes[0] == (1, 31)  # what they share
    assert sizes[1] == (8, 1)  # the rest of the prompts
    assert [rows for rows, _ in sizes[2:]] == [8, 6, 6, 4, 3, 2, 1]
    assert sorted(set(kept)) == [1, 2, 3, 4, 6]


def test_padding_lies_behind_what_is_shared(chat: Path, tmp_path: Path) -> None:
    engine = TransformersEngine.open(request_for(chat, tmp_path))
    prompts = [[*range(10, 30), 40, 41, 42], [*range(10, 30), 40]]
    inputs = engine._inputs(prompts, 20)
    assert inputs["input_ids"][1, :20].tolist() == list(range(10, 30))
    assert inputs["attention_mask"].tolist() == [[1] * 23, [1] * 20 + [0, 0, 1]]
    together = engine.sample_batch(prompts, 0, 1)
    assert together == [engine.sample_batch([prompt], 0, 1)[0] for prompt in prompts]


def test_a_row_draws_by_its_own_number() -> None:
    scores = torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25], [0.3, 0.3, 0.4]]).log()
    seeded = torch.Generator
    numbers = torch.rand(3, 1, dtype=torch.float64, generator=seeded().manual_seed(3))[:, 0]
    everybody = _drawn(scores, [0, 1, 2], 3, seeded().manual_seed(3))
    expected = [sum(float(number) >= edge for edge in edges) for number, edges in
                zip(numbers, ((0.1, 0.3), (0.5, 0.75), (0.3, 0.6)), strict=True)]  # fmt: skip
    assert everybody[:, 0].tolist() == expected
    assert _drawn(scores[[2]], [2], 3, seeded().manual_seed(3))[0] == everybody[2]


def test_draws_have_the_probabilities_of_the_scores() -> None:
    scores = torch.tensor([0.5, 0.0, 0.2, 0.3]).log().expand(20_000, 4)
    drawn = _drawn(scores, range(20_000), 20_000, torch.Generator().manual_seed(0))
    counts = torch.bincount(drawn[:, 0], minlength=4) / 20_000
    assert counts.tolist() == pytest.approx([0.5, 0.0, 0.2, 0.3], abs=0.012)
    assert counts[1] == 0


def test_growing_layers_hold_what_dynamic_ones_hold() -> None:
    torch.manual_seed(0)
    ours, theirs = GrowingLayer(9), DynamicLayer()
    for count in (4, 1, 1):
        keys, values = torch.randn(3, 2, count, 4), torch.randn(3, 2, count, 5)
        for mine, other in zip(ours.update(keys, values), theirs.update(keys, values), strict=True):
            assert torch.equal(mine, other)
        assert ours.get_seq_length() == theirs.get_seq_length()
    for layer in (ours, theirs):
        layer.batch_select_indices(torch.tensor([0, 2]))
    assert torch.equal(ours.keys, theirs.keys)
    assert ours.update(torch.zeros(2, 2, 1, 4), torch.zeros(2, 2, 1, 5))[0].shape == (2, 2, 7, 4)


def test_the_shared_start_is_the_same_for_every_row(chat: Path) -> None:
    model, _ = load_model(chat)
    cache = read_shared(model, [3, 4, 5], 2, 8)
    alone: Any = DynamicCache(config=model.config)
    model(input_ids=torch.tensor([[3, 4, 5]]), past_key_values=alone, use_cache=True)
    for layer, expected in zip(cache.layers, alone.layers, strict=True):
        assert torch.equal(layer.keys, expected.keys.expand(2, -1, -1, -1))
    assert read_shared(model, [], 2, 8).get_seq_length() == 0


def test_models_with_windows_or_without_such_arguments_decode_as_transformers_does(chat: Path) -> None:
    assert decodes_by_rows(AutoModelForCausalLM.from_pretrained(chat))
    sizes = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
    windows = Gemma3TextConfig(
        **sizes, num_hidden_layers=2, num_key_value_heads=1, head_dim=8, sliding_window=4,
        layer_types=["sliding_attention", "full_attention"],
    )  # fmt: skip
    assert not decodes_by_rows(Gemma3ForCausalLM(windows))
    assert decodes_by_rows(GPT2LMHeadModel(GPT2Config(vocab_size=32, n_embd=16, n_layer=1, n_head=2)))


def test_batches_in_threads_write_what_one_thread_writes_and_leave_its_number_alone(chat: Path, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    try:
        texts = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            engine = TransformersEngine.open(request_for(chat, tmp_path))
            texts.append(engine.write(PROMPTS, temperature=1.0, seed="a"))
            assert torch.get_num_threads() == threads
            assert engine.share_out(7) == threads
        assert texts[0] == texts[1]
        assert engine.share_out(1) == 1
        engine._by_rows = False  # draws by the seed of the process
        assert engine.share_out(7) == 1
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("largest", "times"), [(0, 3), (1 << 30, 0)])
def test_a_large_model_gives_memory_back_after_every_batch(
    largest: int, times: int, chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recbole_curec.llm.size._LARGE", largest)
    given_back: list[int] = []
    monkeypatch.setattr(engine_module, "release_memory", lambda: given_back.append(1))
    engine = TransformersEngine.open(request_for(chat, tmp_path))
    engine.batch_size = -(-len(PROMPTS) // 3)
    engine.write(PROMPTS, temperature=1.0, seed="a")
    assert len(given_back) == times


@pytest.mark.parametrize("by_rows", [True, False])
def test_the_head_reads_states_that_lie_together(
    chat: Path, tmp_path: Path, by_rows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "decodes_by_rows", lambda _: by_rows)
    engine = TransformersEngine.open(request_for(chat, tmp_path))
    read: list[tuple[tuple[int, ...], bool]] = []
    engine.model.lm_head.register_forward_pre_hook(
        lambda _, inputs: read.append((tuple(inputs[0].shape), inputs[0].is_contiguous()))
    )
    engine.sample_batch([[*range(10, 30), 40, 41, number] for number in (50, 51, 52)], 0, 1)
    assert {shape[1] for shape, _ in read} == {1}
    assert all(together for shape, together in read if shape[0] > 1)
    assert read[by_rows][0] == (3, 1, 64)  # the first of all reads what the prompts share
