"""Held-out prompts: what a language model writes for them, and how far it has moved from the one it started from."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.engines.engine import Engine
from recbole_curec.rewards.reward import Reward
from recbole_curec.training.kl import mean_kl

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeldOutPrompts(ABC):
    """Held-out prompts, and what writes and rates completions for them.

    Attributes:
        rows: Prompts with the columns that the rewards read.
        rewards: The rewards by name.
        weights: Weight of each by name.
        tokenizer: Tokenizer of the language model.
        device: Device of the language model.
        writer: Makes an engine from a language model in memory.
        temperature: Sampling temperature.
        seed: Name of the generation call, which seeds every random choice.
    """

    rows: list[dict[str, Any]]
    rewards: Mapping[str, Reward]
    weights: Mapping[str, float]
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    writer: Callable[[Any], Engine]
    temperature: float
    seed: str

    @abstractmethod
    def measure(self, completions: Sequence[str]) -> dict[str, float]:
        """Means over the prompts."""

    @abstractmethod
    def gaming(self) -> dict[str, dict[str, float]]:
        """Mean rewards of the policies that exploit them."""

    def write(self, model: Any) -> list[str]:
        """One completion per prompt by a language model in memory, the same for the same model."""
        return self.written_by(self.writer(model))

    def written_by(self, engine: Engine) -> list[str]:
        """One completion per prompt, the same for the same language model."""
        prompts = [row["prompt"] for row in self.rows]
        return engine.write(prompts, temperature=self.temperature, seed=self.seed)

    def first(self, count: int) -> Self:
        """A copy with only the first ``count`` prompts."""
        return replace(self, rows=self.rows[:count])

    def kl(self, model: Any, reference: Any, completions: Sequence[str]) -> float:
        """Mean KL divergence from the reference in nats per token, on the first 64 prompts (:func:`mean_kl`)."""
        prompts = [row["prompt"] for row in self.rows]
        return mean_kl(model, reference, prompts, completions, self.tokenizer, self.device)


def gaming_totals(
    gaming: Mapping[str, Mapping[str, float]], before: float, after: float, written: str
) -> dict[str, float]:
    """Total reward of every gaming policy by its name in words, with a warning if one earns what the model does.

    Args:
        gaming: Rewards by policy.
        before: Total reward of the model before training.
        after: Total reward after it.
        written: What the model writes, for the message.
    """
    totals = {name.replace("_", " "): rewards["total"] for name, rewards in gaming.items()}
    if winners := [name for name, total in totals.items() if total >= min(before, after)]:
        logger.warning(
            "Reward gaming pays: %s would score at least what the model's %s do.", " and ".join(winners), written
        )
    return totals
