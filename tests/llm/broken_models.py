"""Folders of models that are not what they say, made from a small one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM, BertModel

from tests.tiny_llm import save_llm

Break = Callable[[Path], Any]


def config(**changes: Any) -> Break:
    return json_file("config.json", **changes)


def json_file(name: str, **changes: Any) -> Break:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return change


def text_file(name: str, text: str) -> Break:
    return lambda folder: (folder / name).write_text(text)


def weights(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Break:
    def rewrite(folder: Path) -> None:
        path = folder / "model.safetensors"
        save_file(change(load_file(path)), path, metadata={"format": "pt"})

    return rewrite


def renamed(before: str, after: str) -> Break:
    return weights(lambda tensors: {name.replace(before, after): value for name, value in tensors.items()})


def without(part: str) -> Break:
    return weights(lambda tensors: {name: value for name, value in tensors.items() if part not in name})


def cut_off(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


def bert(kind: type[Any], *, keep_name: bool = True) -> Break:
    """The tokenizer of a language model over an encoder."""

    def replace(folder: Path) -> None:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        shutil.rmtree(folder)
        sizes = BertConfig(
            vocab_size=400, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
            max_position_embeddings=1024,
        )  # fmt: skip
        kind(sizes).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        if not keep_name:
            config(architectures=None)(folder)

    return replace


CODE = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
THREE = {"num_hidden_layers": 3, "layer_types": ["full_attention"] * 3}
ONE = {"num_hidden_layers": 1, "layer_types": ["full_attention"]}
# What is done to the folder, and what is said of it.
BROKEN: dict[str, tuple[Break, str]] = {
    "renamed tensors": (renamed("self_attn", "attn"), "12 tensors missing from its weights"),
    "a missing tensor": (without("model.norm"), "1 tensor missing from its weights: model.norm.weight"),
    "a tensor too many": (weights(lambda t: {**t, "extra": torch.ones(1)}), "1 tensor in its weights and unknown"),
    "more layers than weights": (config(**THREE), "11 tensors missing from its weights: model.layers.2"),
    "fewer layers than weights": (config(**ONE), "11 tensors in its weights and unknown"),
    "another vocabulary": (config(vocab_size=999), "of another shape than its configuration says: lm_head.weight"),
    "another width": (config(intermediate_size=32), "of another shape than its configuration says"),
    "weights cut off": (cut_off, "cannot be loaded as a causal language model"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "no file named model.safetensors"),
    "an encoder": (bert(BertModel), "missing from its weights"),
    "a masked model": (bert(BertForMaskedLM), "was saved as BertForMaskedLM"),
    "a masked model without a name": (bert(BertForMaskedLM, keep_name=False), "is an encoder (bert)"),
    "a classifier": (config(architectures=["Qwen3ForSequenceClassification"]), "was saved as Qwen3ForSequenceClassif"),
    "code of its own": (config(model_type="own", auto_map=CODE), "code of its own, which is never run"),
    "a broken configuration": (text_file("config.json", "{"), "is not a valid JSON file"),
    "a configuration that is a list": (text_file("config.json", "[]"), "has no tokenizer that can be loaded"),
    "broken generation settings": (text_file("generation_config.json", "{"), "is not a valid JSON file"),
    "a broken tokenizer": (text_file("tokenizer.json", "{}"), "has no tokenizer that can be loaded"),
    "a template without messages": (text_file("chat_template.jinja", "hello"), "leaves out the user's message"),
    "a template that fails": (
        text_file("chat_template.jinja", "{{ raise_exception('never') }}"), "cannot be used (never)"
    ),
    "a template that is none": (text_file("chat_template.jinja", "{% for"), "chat template that cannot be used"),
    "a template without answers": (
        text_file("chat_template.jinja", "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}"),
        "leaves out the assistant's message",
    ),
    "a short context": (config(max_position_embeddings=128), "has 128 positions, fewer than llm.max_prompt_tokens"),
}  # fmt: skip


def write_broken(folder: Path, name: str) -> Path:
    """A small model, broken in the named way."""
    save_llm(folder)
    BROKEN[name][0](folder)
    return folder
