"""Base class of engines that take prompts in batches: sorting by length, seeds, threads and progress."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import takewhile

import torch
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import Engine, seed_number, whole_completion
from recbole_curec.llm.engines.in_threads import in_threads
from recbole_curec.llm.messages import Message

# Tokens that all prompts of a batch must share for their keys and values to be worth computing apart.
_SHARED = 16


class BatchedEngine(Engine):
    """Generates batch by batch; each batch holds prompts of similar length and has a seed of its own.

    Args:
        tokenizer: The model's tokenizer.
        batch_size: Prompts per batch.

    Attributes:
        threads_each: Threads that a batch is written with.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, batch_size: int) -> None:
        self.tokenizer, self.batch_size = tokenizer, batch_size
        self.threads_each = torch.get_num_threads()

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
        tokens = [prompt_tokens(self.tokenizer, prompt) for prompt in prompts]
        completions = [""] * len(tokens)
        batches = list(enumerate(length_batches(tokens, self.batch_size)))

        def complete(batch: tuple[int, list[int]]) -> list[str]:
            number, places = batch
            return self.complete_batch([tokens[place] for place in places], temperature, seed_number(seed, number))

        with tqdm(total=len(tokens), desc=description, unit="reason", disable=not progress, leave=False) as bar:
            for (_, places), written in in_threads(complete, batches, self.share_out(len(batches))):
                for place, text in zip(places, written, strict=True):
                    completions[place] = whole_completion(prompts[place], text)
                bar.update(len(places))
        return completions

    def share_out(self, batches: int) -> int:
        """How many batches of a call are written at a time; called before the first of them.

        As many as there are threads, each in one thread; if they are fewer, each has several. With more than one,
        :meth:`complete_batch` runs in several threads at once.
        """
        threads = torch.get_num_threads()
        at_once = max(1, min(batches, threads, self.most_at_once()))
        self.threads_each = threads // at_once
        return at_once

    def most_at_once(self) -> int:
        """The most batches that may be written at a time."""
        return 1

    @abstractmethod
    def complete_batch(self, prompts: list[list[int]], temperature: float, seed: int) -> list[str]:
        """What is written after prompts given as token ids; ``seed`` alone determines every random choice."""


def length_batches(sequences: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """Indices of batches of at most ``size`` sequences, sorted by length so that little padding is needed."""
    order = sorted(range(len(sequences)), key=lambda index: len(sequences[index]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def shared_length(prompts: Sequence[Sequence[int]]) -> int:
    """How many tokens at the start all prompts share, the last of each left out; 0 if too few to be worth it.

    The system message and the start of the template are the same for all prompts of a task.
    """
    columns = zip(*(prompt[:-1] for prompt in prompts), strict=False)
    length = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    return length if length >= _SHARED and len(prompts) > 1 else 0
