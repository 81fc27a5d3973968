"""Sequences in one row, which get what they get in a padded batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from recbole_curec.llm.head import hidden_states
from recbole_curec.llm.loading import load_model
from recbole_curec.llm.packing import pack_groups, packs, shared_beginnings
from tests.llm.test_head import SIZES
from tests.tiny_llm import save_llm

# Two prompts of three and two tokens in turn, as a trainer shuffles them, padded on the left.
PROMPTS = torch.tensor([[5, 6, 7], [0, 8, 9], [5, 6, 7], [0, 8, 9], [5, 6, 7]])
PROMPT_MASK = torch.tensor([[1, 1, 1], [0, 1, 1], [1, 1, 1], [0, 1, 1], [1, 1, 1]])
WRITTEN = torch.tensor([[11, 12, 0], [13, 14, 15], [16, 0, 0], [0, 0, 0], [17, 18, 19]])
WRITTEN_MASK = torch.tensor([[1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0], [1, 1, 1]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llm(tmp_path_factory.mktemp("llm"))


def qwen(folder: Path) -> Any:
    return load_model(folder)[0]


def llama(folder: Path) -> Any:
    torch.manual_seed(3)
    return LlamaForCausalLM(LlamaConfig(**SIZES, max_position_embeddings=64))


def adapted(folder: Path) -> Any:
    torch.manual_seed(1)
    return get_peft_model(qwen(folder), LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))


def test_a_row_holds_every_prompt_once_and_says_what_predicts_each_token() -> None:
    row, before = pack_groups(PROMPTS, PROMPT_MASK, WRITTEN, WRITTEN_MASK, multiple=8)
    assert row.tokens.tolist() == [[5, 6, 7, 11, 12, 16, 17, 18, 19, 8, 9, 13, 14, 15, 0, 0]]
    assert row.positions.tolist() == [[0, 1, 2, 3, 4, 3, 3, 4, 5, 0, 1, 2, 3, 4, 0, 0]]
    assert before.tolist() == [2, 3, 10, 11, 12, 2, 2, 6, 7]  # in the order of the rows as they were given
    assert [(block.begin, block.parts) for block in row.blocks] == [(3, (2, 1, 3)), (2, (3, 0)), (2, ())]
    assert [block.length for block in row.blocks] == [9, 5, 2]


@pytest.mark.parametrize("make", [qwen, llama, adapted])
def test_shared_prompts_get_the_states_and_gradients_of_a_padded_batch(
    make: Callable[[Path], Any], folder: Path
) -> None:
    tokens, mask = torch.cat([PROMPTS, WRITTEN], dim=1), torch.cat([PROMPT_MASK, WRITTEN_MASK], dim=1)
    model = make(folder)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    padded = hidden_states(model, {"input_ids": tokens, "attention_mask": mask})
    places = torch.arange(2, 5).expand(5, 3)[WRITTEN_MASK.bool()]
    rows = torch.arange(5)[:, None].expand(5, 3)[WRITTEN_MASK.bool()]
    expected = padded[rows, places]
    # Not their squares, whose sum the last norm fixes: its gradients would be rounding alone.
    along = torch.randn(expected.shape, generator=torch.Generator().manual_seed(0))
    gradients = torch.autograd.grad((expected * along).sum(), weights, allow_unused=True)
    assert packs(model)
    row, before = pack_groups(PROMPTS, PROMPT_MASK, WRITTEN, WRITTEN_MASK, multiple=4)
    found = hidden_states(model, row.inputs)[0, before]
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    of_packed = torch.autograd.grad((found * along).sum(), weights, allow_unused=True)
    pairs = [pair for pair in zip(of_packed, gradients, strict=True) if pair != (None, None)]
    assert len(pairs) > 5
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5 * float(other.abs().max()))


@pytest.mark.parametrize("most", [1, 2, 99])
def test_shared_beginnings_get_the_states_of_a_padded_batch(folder: Path, most: int) -> None:
    model = qwen(folder)
    tokens, mask = torch.cat([PROMPTS, WRITTEN], dim=1), torch.cat([PROMPT_MASK, WRITTEN_MASK], dim=1)
    expected = hidden_states(model, {"input_ids": tokens, "attention_mask": mask})
    assert packs(model)
    kept = mask.bool()
    lengths = shared_beginnings(tokens, mask, (kept.sum(dim=1) - 1).clamp(max=most))
    shared = kept & (kept.cumsum(dim=1) <= lengths[:, None])
    row, _ = pack_groups(tokens, shared, tokens, kept & ~shared)
    found = hidden_states(model, row.inputs)[0]
    # Every state of the batch is in the row, those of a shared beginning once.
    for state in expected[kept]:
        assert float((found - state).abs().amax(dim=1).min()) < 1e-5
    assert len(found) == sum({tuple(one[few].tolist()): int(few.sum()) for one, few in zip(tokens, shared, strict=True)}
                             .values()) + int((kept & ~shared).sum())  # fmt: skip


def test_beginnings_are_shared_where_most_is_saved() -> None:
    tokens = torch.tensor([[1, *[2] * 9, 3, 4], [1, *[2] * 9, 5, 6], [1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0]])
    mask = torch.ones_like(tokens)
    mask[2, 11] = 0
    longest = torch.tensor([11, 11, 10])
    # The first two share ten tokens and the third goes alone; all three would share one.
    assert shared_beginnings(tokens, mask, longest).tolist() == [10, 10, 10]
    assert shared_beginnings(tokens[:2], mask[:2], torch.tensor([4, 11])).tolist() == [4, 4]
    assert shared_beginnings(tokens[[0, 2]], mask[[0, 2]], torch.tensor([1, 1])).tolist() == [1, 1]


def test_a_model_that_packs_still_reads_padded_batches_and_generates_as_before(folder: Path) -> None:
    model = qwen(folder)
    inputs = {"input_ids": PROMPTS[:2], "attention_mask": PROMPT_MASK[:2]}
    options = {"do_sample": False, "max_new_tokens": 5}
    before, written = model(**inputs).logits, model.generate(**inputs, **options)
    assert packs(model)
    assert torch.equal(model(**inputs).logits, before)
    assert torch.equal(model.generate(**inputs, **options), written)


def test_how_it_was_computed_is_not_saved(folder: Path, tmp_path: Path) -> None:
    model = qwen(folder)
    model.save_pretrained(tmp_path / "before")
    assert packs(model)
    model.save_pretrained(tmp_path / "after")
    saved = [(tmp_path / name / "config.json").read_bytes() for name in ("before", "after")]
    assert saved[0] == saved[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: MistralForCausalLM(MistralConfig(**SIZES, sliding_window=4)),
        lambda: Gemma2ForCausalLM(Gemma2Config(**SIZES)),
        lambda: LlamaForCausalLM(LlamaConfig(**SIZES, attn_implementation="eager")),
    ],
    ids=["sliding window", "layers of sliding windows", "another attention"],
)
def test_a_model_that_would_attend_otherwise_is_left_as_it_is(make: Callable[[], Any]) -> None:
    model = make()
    own = model.config._attn_implementation
    assert not packs(model)
    assert model.config._attn_implementation == own


def test_a_model_that_ignores_the_blocks_is_found_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = qwen(folder)
    forward = model.base_model.forward
    monkeypatch.setattr(model.base_model, "forward", lambda packed_blocks=None, **inputs: forward(**inputs))
    assert not packs(model)
    assert model.config._attn_implementation == "sdpa"
