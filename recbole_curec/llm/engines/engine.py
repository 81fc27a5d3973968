"""The interface of engines, which run the language model, and helpers that they share."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, PreTrainedTokenizerBase

from recbole_curec.llm.ending import cut_off
from recbole_curec.llm.lengths import read_length
from recbole_curec.llm.messages import Message, begun
from recbole_curec.settings.entry import Entry
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.sections import GenerateSettings, LanguageModelSettings


@dataclass(frozen=True)
class EngineRequest:
    """Arguments for opening an engine.

    Attributes:
        weights: Folder of the language model.
        model: Name of the stage that made the language model; it tells models on one server apart.
        scratch: Folder where the engine may keep files.
        seed: Seed of the run.
        device: Device that models run on.
        settings: Gives the settings of ``llm``, ``generate`` and the engine's own.
        longest: Longest completion in tokens, where it is not that of a reason.
    """

    weights: Path
    model: str
    scratch: Path
    seed: int
    device: torch.device
    settings: SettingsReader
    longest: int | None = None

    @property
    def llm(self) -> LanguageModelSettings:
        """Settings of the language model, among them the lengths of prompts and completions.

        A length that the settings leave open is the one that the model was aligned with.
        """
        settings = self.settings.of(LanguageModelSettings)
        if self.longest is not None:
            return settings.model_copy(update={"max_reason_tokens": self.longest})
        return read_length(settings, self.weights)

    @property
    def generate(self) -> GenerateSettings:
        """Settings of generation, among them the batch size."""
        return self.settings.of(GenerateSettings)


class Engine(Entry, ABC):
    """Generates completions with one language model."""

    @classmethod
    @abstractmethod
    def open(cls, request: EngineRequest) -> Engine:
        """An engine over the model of an artifact.

        Raises:
            ConfigurationError: The engine cannot run with these settings.
        """

    @abstractmethod
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

        A completion ends before the model's end token, or where its reason has ended
        (:mod:`recbole_curec.llm.ending`); other special tokens, such as think tags, are kept.

        Args:
            prompts: Chat messages of each prompt; a last message of the assistant begins the completion.
            temperature: Sampling temperature; 0 takes the likeliest token.
            seed: Name of this call; with the number of a batch or prompt it seeds every random choice, so that the
                same call gives the same completions. A server may ignore it.
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


def up_to_end(tokens: Sequence[int], ends: Sequence[int]) -> list[int]:
    """Tokens up to the first end token, which is among them."""
    return list(tokens[: _end_place(tokens, ends) + 1])


def decode_completion(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int], ends: Sequence[int]) -> str:
    """Text up to the first end token; :func:`whole_completion` makes a completion of it."""
    # Special tokens are not skipped when decoding, because some tokenizers mark think tags as special.
    written = list(tokens[: _end_place(tokens, ends)])
    return str(tokenizer.decode(written, skip_special_tokens=False)).rstrip()


def _end_place(tokens: Sequence[int], ends: Sequence[int]) -> int:
    return next((place for place, token in enumerate(tokens) if token in ends), len(tokens))


def whole_completion(prompt: Sequence[Message], written: str) -> str:
    """The completion of a prompt: what the prompt begins and the language model wrote, up to the end of the reason."""
    return cut_off(begun(prompt) + written).strip()
