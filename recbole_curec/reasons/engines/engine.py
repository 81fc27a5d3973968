"""What every engine does, and what they share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

from transformers import GenerationConfig, PreTrainedTokenizerBase

from recbole_curec.reasons.prompts import Message


class Engine(Protocol):
    """Writes completions with one language model."""

    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        """One completion per prompt, in order, sampled from the whole vocabulary.

        A completion ends before the model's end token; other special tokens, such as think tags, stay in it.

        Args:
            prompts: Chat messages of each prompt.
            temperature: Sampling temperature; 0 takes the likeliest token.
            seed: Name of this call; with the number of a batch or prompt it fixes every random choice, so that the
                same call writes the same. A server is only asked to hold to it.
            description: Label of the progress bar.
            progress: Whether to draw it.
        """


def seed_number(name: str, number: int) -> int:
    """The seed of batch or prompt ``number`` of a call, 32 bits."""
    return int.from_bytes(hashlib.sha256(f"{name}/{number}".encode()).digest()[:4], "big")


def end_tokens(tokenizer: PreTrainedTokenizerBase, config: GenerationConfig) -> list[int]:
    """Tokens that end a completion, in ascending order."""
    ends: Any = config.eos_token_id
    listed = ends if isinstance(ends, list) else [ends]
    return sorted({token for token in (*listed, tokenizer.eos_token_id, tokenizer.pad_token_id) if token is not None})


def decode_completion(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int], ends: Sequence[int]) -> str:
    """Text up to the first end token."""
    # Some tokenizers mark think tags as special tokens: only what ends a completion is cut, nothing is skipped.
    stop = next((place for place, token in enumerate(tokens) if token in ends), len(tokens))
    return str(tokenizer.decode(list(tokens[:stop]), skip_special_tokens=False)).strip()
