"""The tiny language model: a Qwen3 of about two million parameters and its tokenizer, both built from the data.

Its hardest task is to copy names from the prompt, rare ones as well as popular ones. Three properties let it learn this
within a few hundred steps: every name is one token with a fixed random vector, attention starts with one head per layer
that copies such vectors, and prompts have a fixed layout (:mod:`recbole_curec.reasons.prompts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN
from recbole_curec.settings.sections import TinySettings

_PAD, _USER, _ASSISTANT, _END = "<|pad|>", "<|user|>", "<|assistant|>", "<|end|>"
# System messages are for instruction-tuned models; the tiny model recognises its tasks by the last line of the prompt.
_TINY_CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message.role == 'user' -%}<|user|>{{ message.content }}"
    "{%- elif message.role == 'assistant' -%}<|assistant|>{{ message.content }}<|end|>{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
)
_PIECES = r"\n|\p{L}+:| ?\p{L}+(?:'\p{L}+)?| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"
# Names and labels that become single tokens, as item tokens in generative recommenders (P5, Geng et al. 2022,
# arXiv:2203.13366): a model this small copies single tokens without errors, and prompts become half as long.
_MAX_TERMS = 20_000
_HEAD_DIM = 64
# Initial weight of a copying head's value and output maps: large enough to be used, small enough to be unlearned.
_COPY_WEIGHT = 0.5
# The same of what follows the current token elsewhere, which must outweigh that token itself.
_QUOTE_WEIGHT = 2.0
# Pairs of dimensions that turn fast enough with the place to tell neighbouring places apart.
_FAST_TURNS = 6


def train_tokenizer(texts: Iterable[str], vocab_size: int, terms: Sequence[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE tokenizer with the tiny model's chat template.

    Args:
        texts: Texts that the merges are fitted on.
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
    texts: Iterable[str],
    terms: Sequence[str],
    settings: TinySettings,
    longest: int,
    seed: int,
    *,
    copies_words: bool = False,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A randomly initialised Qwen3 of a few million parameters and its tokenizer.

    Args:
        texts: The alignment corpus.
        terms: Names and labels that become one token each, most frequent first.
        settings: Size of the model.
        longest: Longest prompt and completion together, in tokens.
        seed: Seed of the weights.
        copies_words: Whether it starts with what it takes to quote texts; else it can copy names and labels alone.
    """
    tokenizer = train_tokenizer(texts, settings.vocab_size, terms)
    width = settings.hidden_size
    head_dim = min(_HEAD_DIM, width)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width * 5 // 2,
        num_hidden_layers=settings.layers,
        num_attention_heads=width // head_dim,
        num_key_value_heads=width // head_dim,
        head_dim=head_dim,
        max_position_embeddings=longest,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        use_cache=True,
    )
    torch.manual_seed(seed)
    model: Any = Qwen3ForCausalLM(config)
    _draw_copied(model, 0 if copies_words else _first_term(tokenizer), head_dim)
    _start_copying(model, head_dim)
    if copies_words:
        _start_quoting(model, head_dim)
    freeze_terms(model, tokenizer)
    return model, tokenizer


def freeze_terms(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Exclude the tiny model's vectors of names and labels from training.

    A trained output vector of a rare name learns mostly that the name is rare, and the language model then writes a
    popular name where the facts hold a rare one. With fixed random vectors it can write a name only by copying it from
    the prompt, which works equally well for every name.
    """
    first = _first_term(tokenizer)

    def without_terms(gradient: torch.Tensor) -> torch.Tensor:
        kept = gradient.clone()
        kept[first:] = 0
        return kept

    model.get_input_embeddings().weight.register_hook(without_terms)


def _first_term(tokenizer: PreTrainedTokenizerBase) -> int:
    """Id of the first name or label; the ids after it are names and labels too."""
    close = tokenizer.convert_tokens_to_ids(THINK_CLOSE)
    assert isinstance(close, int)  # noqa: S101 - one token in, one id out
    return close + 1


def _draw_copied(model: Any, first: int, head_dim: int) -> None:
    """Set tokens to random unit vectors in the first ``head_dim`` dimensions, which one head can copy."""
    vectors = model.get_input_embeddings().weight.data  # (V, H)
    vectors[first:] = 0
    vectors[first:, :head_dim] = functional.normalize(torch.randn(len(vectors) - first, head_dim), dim=1)


def _start_copying(model: Any, head_dim: int) -> None:
    """Make the first head of every layer copy the dimensions of names; where it attends to is left to training."""
    for layer in model.model.layers:
        values, output = layer.self_attn.v_proj.weight.data, layer.self_attn.o_proj.weight.data
        values[:head_dim] = torch.eye(head_dim, values.shape[1]) * _COPY_WEIGHT
        output[:, :head_dim] = torch.eye(output.shape[0], head_dim) * _COPY_WEIGHT


def _start_quoting(model: Any, head_dim: int) -> None:
    """Make a head attend to what followed the current token where it stood before (an induction head).

    Models this small find it out only after thousands of steps (Olsson et al. 2022, arXiv:2209.11895). It takes two
    heads: the second one of the first layer attends to the token before and notes it in dimensions of its own; the
    first one of the second layer attends to where the noted token is the current one, and copies the token there. A
    model of one head or one layer is left as it is.
    """
    layers, width = model.model.layers, model.config.hidden_size
    if len(layers) < 2 or width < 3 * head_dim:
        return
    vectors = model.get_input_embeddings().weight.data  # (V, H)
    vectors[:, -1] = 1.0  # what says nothing of a token, for a head that looks at places alone
    own, before = slice(0, head_dim), slice(head_dim, 2 * head_dim)
    half, turns = head_dim // 2, model.model.rotary_emb.inv_freq[:_FAST_TURNS]
    near = layers[0].self_attn
    for projection in (near.q_proj, near.k_proj, near.v_proj):
        projection.weight.data[before] = 0
    # Rotated by one place (RoPE), the query is the key: their product is largest at a distance of one.
    near.q_proj.weight.data[head_dim : head_dim + len(turns), -1] = torch.cos(turns)
    near.q_proj.weight.data[head_dim + half : head_dim + half + len(turns), -1] = -torch.sin(turns)
    near.k_proj.weight.data[head_dim : head_dim + len(turns), -1] = 1.0
    near.v_proj.weight.data[before, own] = torch.eye(head_dim) * _COPY_WEIGHT
    near.o_proj.weight.data[:, before] = 0
    near.o_proj.weight.data[before, before] = torch.eye(head_dim) * _COPY_WEIGHT
    # Only what turns slowly is compared, which distance hardly changes.
    slow = torch.cat([torch.arange(half // 2, half), torch.arange(half // 2, half) + half])
    far = layers[1].self_attn
    for projection, read in ((far.q_proj, 0), (far.k_proj, head_dim)):
        projection.weight.data[own] = 0
        projection.weight.data[slow, torch.arange(read, read + len(slow))] = 1.0
    far.o_proj.weight.data[:, own] = torch.eye(width, head_dim) * _QUOTE_WEIGHT
