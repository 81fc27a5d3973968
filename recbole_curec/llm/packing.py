"""Sequences in one row without padding, where those that begin alike share their beginning.

The rollouts of GRPO come in groups of one prompt, which is longer than what is written after it: with the prompt
computed once per group, a group of eight takes about a third of the tokens. What is computed for a token is the same as
in a padded batch: it sees its own sequence alone, at the same positions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from recbole_curec.llm.head import hidden_states, unwrapped

logger = logging.getLogger(__name__)

_NAME = "recbole_curec_packed"
# Under this name a model's forward pass hands the blocks down to the attention of its layers.
_BLOCKS = "packed_blocks"
# What a model may raise that takes no mask of four dimensions, or no such argument.
_REFUSALS = (TypeError, ValueError, RuntimeError, LookupError, AttributeError, AssertionError)
_FULL = "full_attention"
# Tokens that must be equal for rows to be tried as a group.
_ALIKE = (1, 8, 16, 32, 64, 128)
# Largest difference of hidden states between both ways to compute, as a share of the largest value, in float32 and in
# shorter types; another mask or position would change them by far more.
_ROUNDING = {torch.float32: 1e-3}
_SHORT_ROUNDING = 0.1


@dataclass(frozen=True)
class Block:
    """Neighbouring tokens of a row: a beginning, and parts that follow it in turn.

    Attributes:
        begin: Tokens of the beginning, each of which sees those before it.
        parts: Tokens of every part, each of which sees the beginning and those before it in its own part.
    """

    begin: int
    parts: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """Number of tokens."""
        return self.begin + sum(self.parts)


@dataclass(frozen=True)
class PackedRow:
    """One row of tokens, and where the parts of the sequences lie in it.

    Attributes:
        tokens: Token ids ``(1, T)``.
        positions: Their positions in their own sequences ``(1, T)``.
        blocks: What attends to what; their lengths add up to ``T``.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    blocks: tuple[Block, ...]

    @property
    def inputs(self) -> dict[str, Any]:
        """Arguments of the forward pass of a model that :func:`packs`."""
        # A mask of four dimensions is handed down as it is, so none of T x T is made.
        unused = torch.zeros((1, 1, 1, 1), device=self.tokens.device)
        return {
            "input_ids": self.tokens,
            "position_ids": self.positions,
            "attention_mask": unused,
            _BLOCKS: self.blocks,
        }


def pack_groups(
    prompts: torch.Tensor,
    prompt_mask: torch.Tensor,
    completions: torch.Tensor,
    mask: torch.Tensor,
    *,
    multiple: int | None = None,
) -> tuple[PackedRow, torch.Tensor]:
    """Completions in one row after their prompts; equal prompts are there once.

    Args:
        prompts: Token ids ``(B, P)``, padded anywhere.
        prompt_mask: 1 where a token is none of padding; every prompt has one.
        completions: Token ids ``(B, C)``, padded on the right.
        mask: 1 where a token is none of padding.
        multiple: The length of the row becomes a multiple of this, with padding that only sees itself.

    Returns:
        The row, and for every token of ``completions[mask]`` the place before it, whose hidden state predicts it.
    """
    begins = [tuple(row[kept].tolist()) for row, kept in zip(prompts, prompt_mask.bool(), strict=True)]
    written = [row[kept].tolist() for row, kept in zip(completions, mask.bool(), strict=True)]
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, begin in enumerate(begins):  # a trainer may have shuffled the rows
        groups.setdefault(begin, []).append(row)
    tokens: list[int] = []
    positions: list[int] = []
    before: list[list[int]] = [[] for _ in begins]
    blocks: list[Block] = []
    for begin, rows in groups.items():
        last = len(tokens) + len(begin) - 1
        tokens += begin
        positions += range(len(begin))
        for row in rows:
            length, start = len(written[row]), len(tokens)
            before[row] = [last, *range(start, start + length - 1)][:length]
            tokens += written[row]
            positions += range(len(begin), len(begin) + length)
        blocks.append(Block(len(begin), tuple(len(written[row]) for row in rows)))
    place = partial(torch.tensor, device=prompts.device, dtype=torch.long)
    return _row(place(tokens), place(positions), blocks, multiple), place(list(chain.from_iterable(before)))


def shared_beginnings(tokens: torch.Tensor, mask: torch.Tensor, longest: torch.Tensor) -> torch.Tensor:
    """How many tokens at the beginning of every sequence others of the batch share, so that the row gets short.

    Args:
        tokens: Token ids ``(B, L)``, padded anywhere.
        mask: 1 where a token is none of padding.
        longest: The most that a sequence may share, one token at least, shape ``(B,)``.

    Returns:
        Lengths ``(B,)``; sequences of one length and the same tokens so far are a group. One alone has its longest.
    """
    rows = [row[kept][:most].tolist() for row, kept, most in zip(tokens, mask.bool(), longest.tolist(), strict=True)]
    found = [_lengths_by(rows, size) for size in _ALIKE]
    best = min(found, key=lambda lengths: _computed(rows, lengths))
    return torch.tensor(best, device=tokens.device)


def _lengths_by(rows: Sequence[list[int]], size: int) -> list[int]:
    """Lengths of the beginnings shared by rows whose first ``size`` tokens are equal."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(tuple(row[:size]), []).append(place)
    lengths = [0] * len(rows)
    for places in groups.values():
        alike = [rows[place] for place in places]
        # What the first and the last in order share, all between them share.
        ends = zip(min(alike), max(alike), strict=False)
        shared = next((count for count, (one, other) in enumerate(ends) if one != other), min(map(len, alike)))
        for place in places:
            lengths[place] = shared
    return lengths


def _computed(rows: Sequence[list[int]], lengths: Sequence[int]) -> int:
    """Tokens of the beginnings, each computed once, less those that are no longer computed for every row."""
    once = {tuple(row[:length]) for row, length in zip(rows, lengths, strict=True)}
    return sum(map(len, once)) - sum(lengths)


def packs(model: Any) -> bool:
    """Whether a model computes packed rows as it does padded batches; if so it is made ready for them.

    It is tried out on two short sequences. Models with windows, with layers that are no attention (convolutions,
    states) or with attention of their own are left as they are.

    Args:
        model: Causal language model, with or without an adapter and a trainer's wrappers.
    """
    bare = unwrapped(model)
    config = bare.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    if kinds - {_FULL} or getattr(config, "sliding_window", None):
        return False
    own = bare.config._attn_implementation
    if own not in ("sdpa", _NAME):
        return False
    bare.set_attn_implementation(_NAME)
    if _agrees(bare):
        return True
    bare.set_attn_implementation(own)
    return False


@torch.no_grad()
def _agrees(model: Any) -> bool:
    """Whether packed and padded sequences get the same hidden states."""
    weights = model.get_input_embeddings().weight
    tokens = (torch.arange(12, device=weights.device).reshape(2, 6) * 7 + 3) % len(weights)
    tokens[1, :3] = tokens[0, :3]
    mask = torch.ones_like(tokens)
    mask[1, 5] = 0
    training = model.training
    model.eval()
    try:
        padded = hidden_states(model, {"input_ids": tokens, "attention_mask": mask}).float()
        row, before = pack_groups(tokens[:, :3], mask[:, :3], tokens[:, 3:], mask[:, 3:])
        packed = hidden_states(model, row.inputs)[0].float()
    except _REFUSALS as error:
        logger.debug("sequences are padded, not packed: %s", error)
        return False
    finally:
        model.train(training)
    expected = torch.cat([padded[0, 2:5], padded[1, 2:4]])  # (5, H)
    rounding = _ROUNDING.get(weights.dtype, _SHORT_ROUNDING)
    return bool((packed[before] - expected).abs().max() <= rounding * expected.abs().max())


def _row(tokens: torch.Tensor, positions: torch.Tensor, blocks: list[Block], multiple: int | None) -> PackedRow:
    spare = -len(tokens) % multiple if multiple else 0
    if spare:
        tokens = functional.pad(tokens, (0, spare))
        positions = functional.pad(positions, (0, spare))
        blocks = [*blocks, Block(spare)]
    return PackedRow(tokens[None], positions[None], tuple(blocks))


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Scaled dot-product attention within the blocks of a row ``(1, heads, T, D)``; of any other input as usual."""
    blocks: tuple[Block, ...] | None = options.pop(_BLOCKS, None)
    if blocks is None:
        usual: tuple[torch.Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return usual
    groups = query.shape[1] // key.shape[1]
    lengths = [block.length for block in blocks]
    sides = (torch.split(side, lengths, dim=2) for side in (query, repeat_kv(key, groups), repeat_kv(value, groups)))
    attended = [
        part
        for block, asking, asked, answers in zip(blocks, *sides, strict=True)
        for part in _of_block(block, asking, asked, answers, options)
    ]
    return torch.cat(attended, dim=2).transpose(1, 2).contiguous(), None


def _of_block(
    block: Block, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, options: dict[str, Any]
) -> Iterator[torch.Tensor]:
    """What the beginning and every part of a block attends to, ``(1, heads, tokens, D)`` each."""
    lengths = [block.begin, *block.parts]
    queries, keys, values = (torch.split(side, lengths, dim=2) for side in (query, key, value))
    dropout, scale = options.get("dropout", 0.0), options.get("scaling")
    yield functional.scaled_dot_product_attention(
        queries[0], keys[0], values[0], dropout_p=dropout, scale=scale, is_causal=True
    )
    longest = max(block.parts, default=0)
    seen = torch.ones(longest, block.begin + longest, dtype=torch.bool, device=query.device).tril(block.begin)
    for asking, asked, answers in zip(queries[1:], keys[1:], values[1:], strict=True):
        if length := asking.shape[2]:
            yield functional.scaled_dot_product_attention(
                asking,
                torch.cat([keys[0], asked], dim=2),
                torch.cat([values[0], answers], dim=2),
                attn_mask=seen[:length, : block.begin + length],
                dropout_p=dropout,
                scale=scale,
            )


AttentionInterface.register(_NAME, _attend)
AttentionMaskInterface.register(_NAME, sdpa_mask)
