"""A random causal LM on disk, as a user's pretrained one would be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from recbole_curec.llm.tiny_model import train_tokenizer

TEMPLATE = (
    "{%- for message in messages -%}[{{ message.role }}] {{ message.content }}<|end|>{%- endfor -%}"
    "{%- if add_generation_prompt -%}[assistant] {%- endif -%}"
)


def save_llm(folder: Path, template: str | None = TEMPLATE) -> Path:
    """Save a random Qwen3 of another shape than the tiny model's, with another chat template or none."""
    tokenizer = train_tokenizer(["History: none Target: facts fans of take it you may like because"] * 3, 400, [])
    tokenizer.chat_template = template
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=32, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    Qwen3ForCausalLM(config).save_pretrained(folder)
    pads_right(tokenizer).save_pretrained(folder)
    return folder


def pads_right(tokenizer: Any) -> Any:
    """The tokenizer as SmolLM2's and Qwen's are saved: without a padding side, which is then the right one."""
    tokenizer.init_kwargs.pop("padding_side", None)
    return tokenizer
