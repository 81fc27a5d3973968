"""The head of a language model, computed a few positions at a time.

Logits of a whole batch are the largest tensor of a real model: eight completions of 100 tokens over 49,000 words take
150 MiB in float32, and a training holds them several times. What is wanted of them is small, such as the score of one
token per position, so the head is called on a chunk of positions after the other and computed again in the backward
pass.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import torch
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

IGNORED = -100
Project: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
Reading: TypeAlias = Callable[[Project, torch.Tensor], torch.Tensor]
# Logits that exist at a time: 32 MiB in float32.
_CHUNK = 1 << 23
# No value that a scale, a softcap or fewer bits would leave as it is.
_LARGEST = 1000.0


def read_head(
    model: Any, inputs: dict[str, torch.Tensor], positions: torch.Tensor, reading: Reading, *, direct: bool
) -> torch.Tensor:
    """What is read from the hidden states at some positions, in place of their logits.

    The reading is computed inside the model's forward pass, where the head would be, so that every wrapper of a trainer
    (several processes, shards, autocast) sees it as part of the model.

    Args:
        model: Causal language model, with or without an adapter and a trainer's wrappers.
        inputs: Token ids and attention mask ``(B, L)``.
        positions: Positions to read, ``(P,)``.
        reading: Gets the head and the hidden states ``(B, P, H)``, and returns ``(B, P, K)``.
        direct: Result of :func:`is_direct`; if the model does more than to call its head, the reading gets its own
            logits and a head that changes nothing.

    Returns:
        What the reading returned.
    """
    options: dict[str, Any] = {"use_cache": False}
    if takes_positions(model):
        options["logits_to_keep"] = positions

    def kept(states: torch.Tensor) -> torch.Tensor:
        return states if "logits_to_keep" in options else states[:, positions]

    if not direct:
        return reading(lambda logits: logits, kept(model(**inputs, **options).logits))
    with _replaced(unwrapped(model).get_output_embeddings(), lambda head, states: reading(head, kept(states))):
        read: torch.Tensor = model(**inputs, **options).logits
    return read


def score_tokens(
    targets: torch.Tensor, vocabulary: int, *, temperature: float = 1.0, with_entropy: bool = False
) -> Reading:
    """Reading of the log-probability of one token per position, and of the entropy there if it is asked for.

    Args:
        targets: Tokens ``(B, P)``; positions of -100 are not computed and get zeros.
        vocabulary: Size of the vocabulary, which says how many positions make a chunk.
        temperature: Divides the logits.
        with_entropy: Whether to return the entropies too; no gradient flows through them.

    Returns:
        A reading with ``K = 1`` or ``2``.
    """
    counted = targets != IGNORED

    def of_chunk(project: Project, states: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        logits = project(states).float()  # (N, V)
        scores = functional.log_softmax(logits if temperature == 1.0 else logits / temperature, dim=-1)
        found = scores.gather(1, tokens[:, None])
        if not with_entropy:
            return found
        spread = scores.detach()
        return torch.cat([found, -(spread.exp() * spread).sum(-1, keepdim=True)], dim=1)

    def reading(project: Project, states: torch.Tensor) -> torch.Tensor:
        rows, tokens, size = states[counted], targets[counted], chunk_size(vocabulary)
        chunks = list(zip(torch.split(rows, size), torch.split(tokens, size), strict=True))
        if len(chunks) == 1 or not torch.is_grad_enabled():
            parts = [of_chunk(project, *chunk) for chunk in chunks]
        else:
            # Nothing is random here, and the state of the random numbers is that of all threads.
            parts = [
                checkpoint(of_chunk, project, *chunk, use_reentrant=False, preserve_rng_state=False) for chunk in chunks
            ]
        read = torch.cat(parts)
        return read.new_zeros((*targets.shape, read.shape[-1])).masked_scatter(counted[..., None], read)

    return reading


def chunk_size(vocabulary: int) -> int:
    """Positions whose logits exist at a time."""
    return max(1, _CHUNK // vocabulary)


def vocabulary_size(model: Any) -> int:
    """Number of logits per position."""
    return int(unwrapped(model).config.get_text_config().vocab_size)


@torch.no_grad()
def is_direct(model: Any) -> bool:
    """Whether the model returns what its head computes as it is, without a scale, a softcap or another rounding.

    It is tried out on one token: the head is made to return values that any of these would change.
    """
    bare = unwrapped(model)
    head = bare.get_output_embeddings()
    if head is None:
        return False
    drawn: list[torch.Tensor] = []

    def draw(project: Project, states: torch.Tensor) -> torch.Tensor:
        logits = project(states)
        drawn.append(torch.linspace(-_LARGEST, _LARGEST, logits.shape[-1], device=logits.device).expand_as(logits))
        return drawn[0]

    token = torch.zeros((1, 1), dtype=torch.long, device=head.weight.device)
    with _replaced(head, draw):
        returned = bare(input_ids=token, attention_mask=torch.ones_like(token), use_cache=False).logits
    return bool(drawn) and torch.equal(returned, drawn[0])


def hidden_states(model: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """Last hidden states ``(B, L, H)``, computed without the head."""
    bare = unwrapped(model)
    states: torch.Tensor = bare.base_model(**inputs, use_cache=False).last_hidden_state
    return states


def takes_positions(model: Any) -> bool:
    """Whether the model can compute logits at given positions only."""
    return "logits_to_keep" in inspect.signature(type(unwrapped(model)).forward).parameters


def unwrapped(model: Any) -> Any:
    """The causal language model inside an adapter and a trainer's wrappers."""
    while isinstance(model, torch.nn.Module) and "module" in model._modules:
        model = model.module
    return model.get_base_model() if hasattr(model, "get_base_model") else model


class _Reader:
    """What a head is called through while readings wait for it: each thread of a training has one of its own.

    Args:
        head: The head, whose ``forward`` it replaces until the last reading is over.
    """

    def __init__(self, head: Any) -> None:
        self._head, self._own = head, head.__dict__.get("forward")
        self._project: Project = head.forward
        self._waiting = threading.local()
        self.users = 0
        head.forward = self

    def wait(self, reading: Reading | None) -> None:
        """Let the next call of the head in this thread return a reading."""
        self._waiting.reading = reading

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        reading: Reading | None = getattr(self._waiting, "reading", None)
        self.wait(None)  # the reading may call this head, or another model that shares it
        return self._project(states) if reading is None else reading(self._project, states)

    def restore(self) -> None:
        """Give the head its own ``forward`` back."""
        if self._own is None:
            self._head.__dict__.pop("forward", None)
        else:
            self._head.forward = self._own


_READERS = threading.Lock()


@contextmanager
def _replaced(head: Any, reading: Reading) -> Iterator[None]:
    """Let the next call of the head in this thread return a reading."""
    with _READERS:
        found = head.__dict__.get("forward")
        reader = found if isinstance(found, _Reader) else _Reader(head)
        reader.users += 1
    reader.wait(reading)
    try:
        yield
    finally:
        reader.wait(None)
        with _READERS:
            reader.users -= 1
            if not reader.users:
                reader.restore()
