"""Engines that take prompts in batches: one loop for all of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import Engine, seed_number
from recbole_curec.llm.messages import Message


class BatchedEngine(Engine):
    """Writes batch after batch, each of prompts of like length and with a seed of its own.

    Args:
        tokenizer: The model's tokenizer.
        batch_size: Prompts per batch.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, batch_size: int) -> None:
        self.tokenizer, self.batch_size = tokenizer, batch_size

    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        """See :meth:`~recbole_curec.llm.engines.engine.Engine.write`."""
        encoded = [prompt_tokens(self.tokenizer, prompt) for prompt in prompts]
        completions = [""] * len(encoded)
        with tqdm(total=len(encoded), desc=description, unit="reason", disable=not progress, leave=False) as bar:
            for number, rows in enumerate(length_batches(encoded, self.batch_size)):
                written = self.complete_batch([encoded[row] for row in rows], temperature, seed_number(seed, number))
                for row, text in zip(rows, written, strict=True):
                    completions[row] = text
                bar.update(len(rows))
        return completions

    @abstractmethod
    def complete_batch(self, rows: list[list[int]], temperature: float, seed: int) -> list[str]:
        """Completions of prompts given as tokens; ``seed`` fixes every random choice."""


def length_batches(rows: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """Places of at most ``size`` rows at a time; rows of like length share a batch, so little is spent on padding."""
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    for start in range(0, len(order), size):
        yield order[start : start + size]
