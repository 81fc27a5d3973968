"""The language model: a tiny Qwen3 built from the data, or any Hugging Face causal LM with a LoRA adapter."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from recbole_curec.errors import ConfigurationError
from recbole_curec.reasons.llm_name import TINY, check_language_model
from recbole_curec.reasons.parsing import THINK_CLOSE, THINK_OPEN
from recbole_curec.settings import AlignSettings

logger = logging.getLogger(__name__)

_PAD, _USER, _ASSISTANT, _END = "<|pad|>", "<|user|>", "<|assistant|>", "<|end|>"
# System messages are for instruction-tuned models; the tiny model learns its tasks from the last line alone.
_TINY_CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message.role == 'user' -%}<|user|>{{ message.content }}"
    "{%- elif message.role == 'assistant' -%}<|assistant|>{{ message.content }}<|end|>{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
)
_PIECES = r"\n|\p{L}+:| ?\p{L}+(?:'\p{L}+)?| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"
# Names and labels that become single tokens, as item tokens in generative recommenders (P5, Geng et al. 2022,
# arXiv:2203.13366): a model this small copies one token without slips, and prompts shrink by half.
_MAX_TERMS = 20_000
_BASE_FILE = "base_model.json"


def train_tokenizer(texts: Iterable[str], vocab_size: int, terms: Sequence[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE tokenizer with the tiny model's chat template.

    Args:
        texts: What the merges are fitted on.
        vocab_size: Size of the vocabulary, terms not counted.
        terms: Names and labels that become one token each, most frequent first.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[_PAD, _USER, _ASSISTANT, _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([THINK_OPEN, THINK_CLOSE, *(f" {term}" for term in terms[:_MAX_TERMS])])
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, pad_token=_PAD, eos_token=_END, padding_side="left"
    )
    fast.chat_template = _TINY_CHAT_TEMPLATE
    return fast


def build_tiny(
    texts: Iterable[str], terms: Sequence[str], settings: AlignSettings, seed: int
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A randomly initialised Qwen3 of a few million parameters and its tokenizer, both made from the data.

    Args:
        texts: The alignment corpus.
        terms: Names and labels that become one token each, most frequent first.
        settings: Size of the model.
        seed: Seed of the weights.
    """
    tokenizer = train_tokenizer(texts, settings.tiny_vocab_size, terms)
    width = settings.tiny_hidden_size
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width * 5 // 2,
        num_hidden_layers=settings.tiny_layers,
        num_attention_heads=max(width // 32, 1),
        num_key_value_heads=max(width // 64, 1),
        head_dim=32,
        max_position_embeddings=settings.max_prompt_tokens + settings.max_reason_tokens,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        use_cache=True,
    )
    torch.manual_seed(seed)
    return Qwen3ForCausalLM(config), tokenizer


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
