"""Scores of tokens a few positions at a time, against the logits of the whole model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Cohere2Config, Cohere2ForCausalLM, Gemma2Config, Gemma2ForCausalLM

from recbole_curec.llm import head
from recbole_curec.llm.head import IGNORED, hidden_states, is_direct, read_head, score_tokens, vocabulary_size
from recbole_curec.llm.loading import load_model
from tests.tiny_llm import save_llm

SIZES: dict[str, Any] = {
    "vocab_size": 61, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 16, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llm(tmp_path_factory.mktemp("llm"))


def plain(folder: Path) -> Any:
    return load_model(folder)[0]


def adapted(folder: Path, targets: Any = "all-linear") -> Any:
    torch.manual_seed(1)
    return get_peft_model(plain(folder), LoraConfig(r=2, target_modules=targets, init_lora_weights=False))


def adapted_head(folder: Path) -> Any:
    return adapted(folder, ["q_proj", "lm_head"])


def capped(folder: Path) -> Any:
    torch.manual_seed(2)
    return Gemma2ForCausalLM(Gemma2Config(**SIZES, final_logit_softcapping=0.5))


def scaled(folder: Path) -> Any:
    torch.manual_seed(2)
    return Cohere2ForCausalLM(Cohere2Config(**SIZES, logit_scale=0.25))


MODELS = [(plain, True), (adapted, True), (adapted_head, True), (capped, False), (scaled, False)]


def batch(model: Any) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
    """Inputs with padding on the left, some positions, and their next tokens, of which some are ignored."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(2, 60, (3, 12), generator=generator)
    mask = torch.ones_like(ids)
    mask[1, :4] = 0
    positions = torch.arange(5, 11)
    targets = ids[:, 6:12].clone()
    targets[2, 3:] = IGNORED
    return {"input_ids": ids, "attention_mask": mask}, positions, targets


@pytest.mark.parametrize(("make", "direct"), MODELS)
@pytest.mark.parametrize("chunk", [1, 5, 1000])
def test_scores_entropies_and_gradients_are_those_of_the_logits(
    make: Callable[[Path], Any], direct: bool, chunk: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make(folder).eval()
    assert is_direct(model) is direct
    inputs, positions, targets = batch(model)
    monkeypatch.setattr(head, "_CHUNK", chunk * vocabulary_size(model))
    reading = score_tokens(targets, vocabulary_size(model), temperature=0.9, with_entropy=True)
    found = read_head(model, inputs, positions, reading, direct=direct)
    scores = (model(**inputs).logits[:, positions] / 0.9).log_softmax(-1)
    counted = targets != IGNORED
    expected = scores.gather(2, targets.clamp(min=0)[..., None]).squeeze(-1) * counted
    entropy = -(scores.exp() * scores).sum(-1) * counted
    torch.testing.assert_close(found[..., 0], expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found[..., 1], entropy, atol=1e-5, rtol=1e-5)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    own = torch.autograd.grad(found[..., 0].sum(), weights)
    for gradient, wanted in zip(own, torch.autograd.grad(expected.sum(), weights), strict=True):
        torch.testing.assert_close(gradient, wanted, atol=1e-4, rtol=1e-4)


def test_no_logits_of_the_whole_batch_are_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = plain(folder)
    inputs, positions, targets = batch(model)
    monkeypatch.setattr(head, "_CHUNK", 4 * vocabulary_size(model))
    sizes, own = [], model.lm_head.forward

    def watched(states: torch.Tensor) -> torch.Tensor:
        sizes.append(states.shape[:-1].numel())
        return own(states)

    monkeypatch.setattr(model.lm_head, "forward", watched)
    read_head(model, inputs, positions, score_tokens(targets, vocabulary_size(model)), direct=True).sum().backward()
    assert max(sizes) == 4
    assert sum(sizes) == 2 * int((targets != IGNORED).sum())  # once more in the backward pass
    assert model.lm_head.forward is watched


def test_a_batch_without_a_token_to_score_has_no_effect(folder: Path) -> None:
    model = plain(folder)
    inputs, positions, targets = batch(model)
    nothing = torch.full_like(targets, IGNORED)
    scores = read_head(model, inputs, positions, score_tokens(nothing, vocabulary_size(model)), direct=True)
    assert scores.shape == (3, 6, 1)
    scores.sum().backward()
    assert all(not weight.grad.any() for weight in model.parameters() if weight.grad is not None)


def test_the_head_is_its_own_again_after_a_failure(folder: Path) -> None:
    model = plain(folder)
    inputs, positions, _ = batch(model)

    def fail(project: Any, states: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("in the reading")

    before = model(**inputs).logits
    with pytest.raises(RuntimeError, match="in the reading"):
        read_head(model, inputs, positions, fail, direct=True)
    assert torch.equal(model(**inputs).logits, before)


def test_a_model_that_takes_no_positions_is_read_at_them_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = plain(folder)
    inputs, positions, targets = batch(model)
    reading = score_tokens(targets, vocabulary_size(model))
    expected = read_head(model, inputs, positions, reading, direct=True)
    monkeypatch.setattr(head, "takes_positions", lambda _: False)
    for direct in (True, False):
        found = read_head(model, inputs, positions, reading, direct=direct)
        torch.testing.assert_close(found, expected)


def test_hidden_states_are_those_before_the_head(folder: Path) -> None:
    model = adapted(folder).eval()
    inputs, _, _ = batch(model)
    expected = model(**inputs, output_hidden_states=True).hidden_states[-1]
    torch.testing.assert_close(hidden_states(model, inputs), expected)
