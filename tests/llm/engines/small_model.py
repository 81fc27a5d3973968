"""A tiny model whose completions differ from prompt to prompt, without training."""

from __future__ import annotations

from pathlib import Path

import torch

from recbole_curec.llm.messages import Message
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.settings.settings import Settings

NAMES = [f'"{name}"' for name in ("Heat", "Fargo", "Alien", "Toy Story", "Brazil", "Twister", "Volcano", "Apollo 13")]
TEXTS = ["History: none Target: facts", "<think> a</think> you may like it because it is popular."]
PROMPTS: list[list[Message]] = [
    [{"role": "user", "content": f"History: {', '.join(NAMES[:count])}\nReason for {name}:"}]
    for count in range(1, 5)
    for name in NAMES
]


def write_tiny(folder: Path) -> Path:
    """Save the model and its tokenizer; its weights are drawn wide, to tell prompts apart."""
    sizes = {"tiny_hidden_size": 64, "tiny_layers": 2, "tiny_vocab_size": 384}
    model, tokenizer = build_tiny(TEXTS, NAMES, Settings.from_mapping(sizes).align, 0)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=0.4)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
