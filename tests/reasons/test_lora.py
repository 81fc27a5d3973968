"""A causal LM with its own tokenizer and chat template, from disk, adapted with LoRA through SFT and GRPO."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.loading import BaseModel, load_model, load_pretrained
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.settings.sections import CollectSettings
from tests.conftest import AtomicDataset
from tests.pipeline_runs import run_stages, write_topics
from tests.rewards.test_functions import EVIDENCE
from tests.tiny_llm import save_llm


@pytest.fixture
def saved_model(tmp_path: Path) -> Path:
    return save_llm(tmp_path / "base")


def test_the_models_own_chat_template_is_used(saved_model: Path) -> None:
    _, tokenizer = load_pretrained(BaseModel(str(saved_model)))
    text = tokenizer.decode(prompt_tokens(tokenizer, PromptBuilder(CollectSettings()).reason(EVIDENCE)))
    assert text.startswith("[system] You explain recommendations.")
    assert "[user] History:" in text
    assert text.rstrip().endswith("[assistant]")


def test_every_stage_runs_with_an_adapter(saved_model: Path, atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    artifacts = run_stages(atomic, tmp_path / "saved", llm=str(saved_model), lora_rank=2, max_prompt_tokens=768)
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
