"""Loading and saving the language model: the tiny one, or any Hugging Face causal LM with a LoRA adapter."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from recbole_curec.errors import ConfigurationError
from recbole_curec.reasons.chat import ensure_template
from recbole_curec.reasons.llm_name import TINY, check_language_model

logger = logging.getLogger(__name__)

_BASE_FILE = "base_model.json"


def load_pretrained(llm: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a causal LM and its tokenizer by path or hub name.

    Raises:
        ConfigurationError: It cannot be loaded, with the reason.
    """
    check_language_model(llm)
    source = str(Path(llm).expanduser()) if Path(llm).expanduser().exists() else llm
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(
            source, dtype="auto" if torch.cuda.is_available() else torch.float32
        )
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ConfigurationError(f"llm={llm!r} cannot be loaded as a causal language model: {first_line}") from error
    ensure_template(tokenizer, llm)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    return model, tokenizer


def save_model(model: Any, tokenizer: PreTrainedTokenizerBase, folder: Path, llm: str) -> None:
    """Save a full model, or its adapter with the name of its base, and the tokenizer."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if llm != TINY:
        (folder / _BASE_FILE).write_text(json.dumps({"base": llm}), encoding="utf-8")


def load_model(folder: Path, *, trainable: bool = False) -> tuple[Any, PreTrainedTokenizerBase]:
    """Load what :func:`save_model` wrote: a full model, or a base model with its adapter.

    Args:
        folder: Where the model lies.
        trainable: Whether the adapter will be trained further.
    """
    tokenizer = AutoTokenizer.from_pretrained(folder)
    base_file = folder / _BASE_FILE
    if not base_file.is_file():
        return AutoModelForCausalLM.from_pretrained(folder), tokenizer
    from peft import PeftModel

    base, _ = load_pretrained(json.loads(base_file.read_text(encoding="utf-8"))["base"])
    return PeftModel.from_pretrained(base, folder, is_trainable=trainable), tokenizer
