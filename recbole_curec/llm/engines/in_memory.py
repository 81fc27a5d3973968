"""Engines over a language model in memory, whose weights change as it is trained."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from transformers import PreTrainedTokenizerBase

from recbole_curec.hardware import release_memory
from recbole_curec.llm.engines.batched import length_batches
from recbole_curec.llm.engines.ctranslate2 import CTranslate2Engine, CTranslate2Settings
from recbole_curec.llm.engines.ctranslate2_weights import NotConvertible
from recbole_curec.llm.engines.engine import Engine, EngineRequest, seed_number
from recbole_curec.llm.engines.in_threads import in_threads
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.size import is_large
from recbole_curec.processes import world

_MEASURED, _SAMPLED = "ctranslate2-measured", "ctranslate2-sampled"
# Weights of rollouts: rounded ones would be another policy than the one that is trained.
_EXACT = "float32"

# Gets the model, the token ids of prompts, and the name that seeds every random choice.
Sampler: TypeAlias = Callable[[Any, Sequence[list[int]], str], list[list[int]]]


class InMemoryEngines:
    """Engines over weights that exist only in memory.

    On a CPU, where ``engine: ctranslate2`` is in use, a copy of the weights is converted for every call, which takes
    a fraction of a second for a small model; everywhere else transformers writes with the weights as they are.

    Args:
        entry: The engine of the run.
        request: Settings, scratch folder, seed and device.
        tokenizer: Tokenizer of the language model.
    """

    def __init__(self, entry: type[Engine], request: EngineRequest, tokenizer: PreTrainedTokenizerBase) -> None:
        self._entry, self._request, self._tokenizer = entry, request, tokenizer
        self._converts = issubclass(entry, CTranslate2Engine) and request.device.type == "cpu"
        # Every process converts its own copy.
        self._measured, self._sampled = (request.scratch / f"{name}-{world().rank}" for name in (_MEASURED, _SAMPLED))

    @property
    def writes_as_saved(self) -> bool:
        """Whether a model in memory is written with what the engine of the run writes with from its folder."""
        return self._converts or self._entry is TransformersEngine

    def close(self) -> None:
        """Delete the copies of this process."""
        for folder in (self._measured, self._sampled):
            shutil.rmtree(folder, ignore_errors=True)

    def over(self, model: Any) -> Engine:
        """An engine over a model without a trainer's wrappers."""
        return self._engine(model, self._measured, None, self._request.generate.batch_size)

    def sampler(self, model: Any, group: int, temperature: float) -> Sampler | None:
        """What samples rollouts in place of the trainer, on a CPU; None on a GPU, where that is left to the trainer.

        Args:
            model: The model before training, which is tried out.
            group: Rollouts of a prompt; CTranslate2 samples them together so that their prompt is read once.
            temperature: Sampling temperature.
        """
        if self._request.device.type != "cpu":
            return None
        with _in_evaluation(model):
            self._sampling(model, group)

        def sample(policy: Any, prompts: Sequence[list[int]], seed: str) -> list[list[int]]:
            # Writing comes between two steps of training, whose gaps in memory it does not fill: with 135M parameters
            # the process held 0.3 GiB more after every step.
            with _in_evaluation(policy), _memory_given_back(is_large(policy)):
                return sample_groups(self._sampling(policy, group), prompts, temperature, seed)

        return sample

    def _sampling(self, model: Any, group: int) -> CTranslate2Engine | TransformersEngine:
        """The engine that samples rollouts of a model."""
        return self._engine(model, self._sampled, _EXACT, group)

    def _engine(
        self, model: Any, folder: Path, numbers: str | None, batch_size: int
    ) -> CTranslate2Engine | TransformersEngine:
        """CTranslate2 over a copy in the folder, by default in the run's numbers; else transformers over the model."""
        request = self._request
        longest = request.llm.longest_reason
        if self._converts:
            # Read here alone: a stage with another engine does not depend on these settings.
            numbers = numbers or request.settings.of(CTranslate2Settings).numbers(request.llm)
            try:
                return CTranslate2Engine.over(
                    model, self._tokenizer, folder,
                    compute_type=numbers, max_new_tokens=longest, batch_size=batch_size,
                )  # fmt: skip
            except NotConvertible:  # the engine itself says so when it is opened over saved weights
                self._converts = False
        return TransformersEngine(
            model, self._tokenizer, request.device, max_new_tokens=longest, batch_size=request.generate.batch_size
        )


@contextmanager
def _memory_given_back(large: bool) -> Iterator[None]:
    """Give memory back before and after, where weights are large."""
    if not large:
        yield
        return
    release_memory()
    try:
        yield
    finally:
        release_memory()


@contextmanager
def _in_evaluation(model: Any) -> Iterator[None]:
    """Let a model in training write: without dropout, and with the keys and values that checkpointing goes without."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def sample_groups(
    engine: CTranslate2Engine | TransformersEngine, prompts: Sequence[list[int]], temperature: float, seed: str
) -> list[list[int]]:
    """Tokens written after prompts, batches of equal neighbours together, with the tokens that ended them.

    Args:
        engine: Writes a batch.
        prompts: Token ids; equal prompts are neighbours.
        temperature: Sampling temperature.
        seed: Name that seeds every random choice.
    """
    written: list[list[int]] = [[] for _ in prompts]
    batches = list(enumerate(length_batches(prompts, engine.batch_size)))

    def sample(batch: tuple[int, list[int]]) -> list[list[int]]:
        number, places = batch
        return engine.sample_batch([prompts[place] for place in places], temperature, seed_number(seed, number))

    for (_, places), texts in in_threads(sample, batches, engine.share_out(len(batches))):
        for place, tokens in zip(places, texts, strict=True):
            written[place] = tokens
    return written
