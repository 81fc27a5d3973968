"""A causal LM with its own tokenizer and chat template, from disk, adapted with LoRA through SFT and GRPO."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, Qwen3Config, Qwen3ForCausalLM

from recbole_curec.correction.store import STORE, read_records
from recbole_curec.reasons.chat import prompt_tokens
from recbole_curec.reasons.language_model import load_model, load_pretrained
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.tiny_model import train_tokenizer
from recbole_curec.settings import CollectSettings
from tests.conftest import AtomicDataset
from tests.pipeline_runs import run_stages, write_topics
from tests.rewards.test_functions import EVIDENCE

TEMPLATE = (
    "{%- for message in messages -%}[{{ message.role }}] {{ message.content }}<|end|>{%- endfor -%}"
    "{%- if add_generation_prompt -%}[assistant] {%- endif -%}"
)


@pytest.fixture
def saved_model(tmp_path: Path) -> Path:
    """A random Qwen3 of another shape than the tiny model's, with another chat template."""
    tokenizer = train_tokenizer(["History: none Target: facts fans of take it you may like because"] * 3, 400, [])
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    folder = tmp_path / "base"
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_the_models_own_chat_template_is_used(saved_model: Path) -> None:
    _, tokenizer = load_pretrained(str(saved_model))
    text = tokenizer.decode(prompt_tokens(tokenizer, PromptBuilder(CollectSettings()).reason(EVIDENCE)))
    assert text.startswith("[system] You explain recommendations.")
    assert "[user] History:" in text
    assert text.rstrip().endswith("[assistant]")


def test_every_stage_runs_with_an_adapter(saved_model: Path, atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    artifacts = run_stages(atomic, tmp_path / "saved", llm=str(saved_model), lora_rank=2, max_prompt_tokens=256)
    base = AutoModelForCausalLM.from_pretrained(saved_model)
    for stage in ("align", "reinforce"):
        names = {path.name for path in artifacts[stage].folder.iterdir()}
        assert "adapter_model.safetensors" in names
        assert "model.safetensors" not in names  # the base model is not copied
        adapted, _ = load_model(artifacts[stage].folder)
        weights = {name: value for name, value in adapted.state_dict().items() if "lora_B" in name}
        assert any(value.abs().sum() > 0 for value in weights.values())
        plain = adapted.state_dict()["base_model.model.model.embed_tokens.weight"]
        assert torch.equal(plain, base.state_dict()["model.embed_tokens.weight"])
    assert len(read_records(artifacts["correct"].folder / STORE)) == 32
