"""How transformers decodes a batch: nothing is computed twice, copied or computed for rows that have ended.

Transformers alone reads every prompt from its first token, copies all keys and values for every token, and computes a
row until the last row of its batch has ended. Here what the prompts share is read once, keys and values grow in place,
and rows that have ended leave the batch. This changes no completion but by rounding, and by which random numbers a row
draws.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import DynamicCache, GenerationConfig
from transformers.cache_utils import Cache, DynamicLayer

from recbole_curec.llm.head import unwrapped

# Rows that have ended leave when they are this share of the batch: each time, what is kept of the others is copied.
_ENDED = 0.2
# What a model's forward method must take.
_NEEDED = ("position_ids", "logits_to_keep", "past_key_values")


class GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """Keys and values of one layer, in memory that holds the longest sequence from the start.

    Args:
        room: Most positions.
    """

    def __init__(self, room: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._room = room
        self._stored: list[torch.Tensor] = []
        self._length = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Make room for the rows of the first keys and values, ``(B, heads, T, D)``."""
        super().lazy_initialization(key_states, value_states)
        self._stored = [new.new_empty((*new.shape[:2], self._room, new.shape[3])) for new in (key_states, value_states)]

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append keys and values ``(B, heads, T, D)``; returns views of all there are."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        begin, self._length = self._length, self._length + key_states.shape[-2]
        for stored, new in zip(self._stored, (key_states, value_states), strict=True):
            stored[:, :, begin : self._length] = new
        return self._show()

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows alone."""
        self._stored = [stored[indices] for stored in self._stored]
        self._show()

    def _show(self) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = (stored[:, :, : self._length] for stored in self._stored)
        self.keys, self.values = keys, values
        return keys, values


def decodes_by_rows(model: Any) -> bool:
    """Whether :func:`decode_rows` can run a model: each of its layers attends to all earlier positions.

    Args:
        model: Causal language model, with or without an adapter.
    """
    kinds = {type(layer) for layer in DynamicCache(config=unwrapped(model).config).layers}
    return kinds == {DynamicLayer} and _takes(model, *_NEEDED)


def keeps_last(model: Any) -> bool:
    """Whether a model can be asked for the logits of some positions alone."""
    return _takes(model, "logits_to_keep")


def _takes(model: Any, *names: str) -> bool:
    """Whether the forward pass of a model has these arguments."""
    return inspect.signature(unwrapped(model).forward).parameters.keys() >= {*names}


def last_position(device: torch.device) -> torch.Tensor:
    """The last position, for a model's ``logits_to_keep``.

    An index copies the last states. Of a slice, which a number would take, PyTorch on a CPU multiplies every row by a
    copy of the head: 1.8 GiB for 32 rows of SmolLM2-135M.
    """
    return torch.tensor([-1], device=device)


@torch.no_grad()
def read_shared(model: Any, shared: Sequence[int], rows: int, room: int) -> Cache:
    """Keys and values for a batch whose prompts all begin with the same tokens, which are computed once.

    Args:
        model: A model of :func:`decodes_by_rows`.
        shared: The tokens they share, maybe none.
        rows: Size of the batch.
        room: Most positions of a sequence.
    """
    layers: list[Any] = [GrowingLayer(room) for _ in DynamicCache(config=unwrapped(model).config).layers]
    if shared:
        once: Any = DynamicCache(config=unwrapped(model).config)
        tokens = torch.tensor([list(shared)], device=model.device)
        model(input_ids=tokens, past_key_values=once, use_cache=True, logits_to_keep=1)
        for layer, read in zip(layers, once.layers, strict=True):
            layer.update(read.keys.expand(rows, -1, -1, -1), read.values.expand(rows, -1, -1, -1))
    return Cache(layers=layers)


@torch.no_grad()
def decode_rows(
    model: Any,
    input_ids: torch.Tensor,
    logits_processor: Callable[..., torch.Tensor],
    stopping_criteria: Callable[..., torch.Tensor],
    generation_config: GenerationConfig,
    *,
    generator: torch.Generator,
    **model_kwargs: Any,
) -> torch.Tensor:
    """A ``custom_generate`` for transformers' ``generate``.

    Args:
        model: A model of :func:`decodes_by_rows`.
        input_ids: Prompts ``(B, T)``; rows may be padded after the tokens that the cache holds, never at the end.
        logits_processor: What transformers made of the generation settings.
        stopping_criteria: The same; says of every row whether it has ended.
        generation_config: Tells whether to sample, and what fills rows after their end.
        generator: Draws the random numbers.
        model_kwargs: ``attention_mask``, one at tokens and zero at padding, ``(B, T)``, and ``past_key_values``, the
            cache of :func:`read_shared`.

    Returns:
        Prompts and completions, filled up at the end, ``(B, T + new)``.
    """
    cache, mask = model_kwargs["past_key_values"], model_kwargs.get("attention_mask")
    if mask is None:  # transformers drops a mask of ones
        mask = torch.ones_like(input_ids)
    batch, held, sampled = len(input_ids), cache.get_seq_length(), generation_config.do_sample
    positions = (mask.cumsum(1) - 1).clamp(min=0)  # (B, T)
    tokens, place = input_ids[:, held:], positions[:, held:]
    rows, finished = list(range(batch)), dict[int, torch.Tensor]()
    last = last_position(input_ids.device)
    while True:
        output = model(
            input_ids=tokens, attention_mask=mask, position_ids=place,
            past_key_values=cache, use_cache=True, logits_to_keep=last,
        )  # fmt: skip
        scores = logits_processor(input_ids, output.logits[:, -1].float())  # (B, V)
        tokens = _drawn(scores, rows, batch, generator) if sampled else scores.argmax(-1, keepdim=True)
        input_ids = torch.cat([input_ids, tokens], dim=1)
        for number, over in enumerate(stopping_criteria(input_ids, None).tolist()):
            if over:
                finished.setdefault(rows[number], input_ids[number])
        if len(finished) == batch:
            ended = [finished[row] for row in range(batch)]
            return pad_sequence(ended, batch_first=True, padding_value=generation_config.pad_token_id)
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        place = place[:, -1:] + 1
        kept = [number for number, row in enumerate(rows) if row not in finished]
        if len(kept) <= (1 - _ENDED) * len(rows):
            rows = [rows[number] for number in kept]
            chosen = torch.tensor(kept, device=input_ids.device)
            cache.batch_select_indices(chosen)
            input_ids, tokens, mask, place = (part[chosen] for part in (input_ids, tokens, mask, place))


def _drawn(scores: torch.Tensor, rows: Sequence[int], batch: int, generator: torch.Generator) -> torch.Tensor:
    """A token for every row ``(B, 1)``, by one random number for each row of the whole batch.

    So what a row draws does not depend on which rows have ended, and one number is far cheaper than one per token.
    """
    drawn = torch.rand(batch, 1, dtype=torch.float64, device=scores.device, generator=generator)
    numbers = drawn[list(rows)]
    total = scores.softmax(-1).cumsum(-1, dtype=torch.float64)  # (B, V)
    return torch.searchsorted(total, numbers * total[:, -1:], right=True).clamp(max=scores.shape[1] - 1)
