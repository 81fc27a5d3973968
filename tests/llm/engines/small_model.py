"""A tiny model whose completions differ from prompt to prompt, without training, and what engines open it with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.loading import BaseModel, load_tokenizer, save_model
from recbole_curec.llm.messages import Message
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.settings.sections import TinySettings
from recbole_curec.settings.settings import Settings
from tests.chat_models import chatml_tokenizer
from tests.tiny_llm import pads_right

NAMES = [f'"{name}"' for name in ("Heat", "Fargo", "Alien", "Toy Story", "Brazil", "Twister", "Volcano", "Apollo 13")]
TEXTS = ["History: none Target: facts", "<think> a</think> you may like it because it is popular."]
PROMPTS: list[list[Message]] = [
    [{"role": "user", "content": f"History: {', '.join(NAMES[:count])}\nReason for {name}:"}]
    for count in range(1, 5)
    for name in NAMES
]


def write_tiny(folder: Path) -> Path:
    """Save the model and its tokenizer."""
    sizes = TinySettings(hidden_size=64, layers=2, vocab_size=384)
    model, tokenizer = build_tiny(TEXTS, NAMES, sizes, longest=608, seed=0)
    return _save_wide(model, tokenizer, folder)


def write_chat(folder: Path) -> Path:
    """Save a Llama in the manner of SmolLM2: think tags of several tokens, a start token that the template writes."""
    tokenizer = chatml_tokenizer()
    sizes = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), num_key_value_heads=2, max_position_embeddings=1024, tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id, **sizes, **ends,
        )
    )  # fmt: skip
    return _save_wide(model, tokenizer, folder)


def _save_wide(model: Any, tokenizer: Any, folder: Path) -> Path:
    """Save a model whose weights are drawn wide, to tell prompts apart, and its tokenizer."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=0.4)
    model.save_pretrained(folder)
    pads_right(tokenizer).save_pretrained(folder)
    return folder


def adapted(tiny: Path, folder: Path) -> Path:
    """An adapter of a model that changes what it writes."""
    torch.manual_seed(0)
    settings = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(tiny), settings)
    save_model(model, load_tokenizer(tiny), folder, BaseModel(str(tiny)))
    return folder


def request_for(weights: Path, scratch: Path, **given: Any) -> EngineRequest:
    """What an engine over a model of the ``align`` stage is opened with; settings by full or flat names."""
    # Eight prompts each have the same length: batches of five hold prompts of several, so that there is padding.
    settings = {"llm.max_reason_tokens": 16, "generate.batch_size": 5, **given}
    return EngineRequest(
        weights=weights, model="align", scratch=scratch, seed=0, device=torch.device("cpu"),
        settings=Settings.from_mapping(settings),
    )  # fmt: skip
