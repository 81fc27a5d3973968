"""What the encoder reads of a review: the chain, the review, or both as a pair of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from recbole_curec.settings.embed import EmbeddedText


@dataclass(frozen=True)
class ReviewTexts:
    """Chains and reviews, row by row, as the setting ``embed.text`` selects them.

    Attributes:
        first: The chains, or the reviews where they are read alone.
        second: The reviews that follow the chains; None where one of both is read alone.
    """

    first: list[str]
    second: list[str] | None

    @classmethod
    def of(cls, chains: Sequence[str], reviews: Sequence[str], text: EmbeddedText) -> ReviewTexts:
        """The selected texts."""
        if text == "chain+review":
            return cls(list(chains), list(reviews))
        return cls(list(chains if text == "chain" else reviews), None)

    def rows(self, rows: Sequence[int]) -> ReviewTexts:
        """Some of the rows."""
        second = None if self.second is None else [self.second[row] for row in rows]
        return ReviewTexts([self.first[row] for row in rows], second)

    def all(self) -> list[str]:
        """Every text that is not empty."""
        return [text for text in (*self.first, *(self.second or ())) if text]

    def empty(self) -> int:
        """Number of rows in which nothing is to be read."""
        return sum(not any(texts) for texts in zip(self.first, self.second or self.first, strict=True))

    def tokens(self, tokenizer: PreTrainedTokenizerBase, longest: int) -> list[dict[str, list[int]]]:
        """Token ids and masks of every row; what is too long is cut at the end of the longer text."""
        if not self.first:
            return []
        made: Any = tokenizer(
            self.first,
            self.second,
            truncation="longest_first" if self.second is not None else True,
            max_length=longest,
            split_special_tokens=True,
        )
        return [{name: made[name][row] for name in made} for row in range(len(self.first))]


def padded(
    tokenizer: PreTrainedTokenizerBase, rows: Sequence[dict[str, list[int]]], device: torch.device
) -> dict[str, torch.Tensor]:
    """Tokens of a batch at one length, on a device; each value has shape ``(B, L)``."""
    batch: Any = tokenizer.pad(list(rows), return_tensors="pt")
    return {name: tensor.to(device) for name, tensor in batch.items()}
