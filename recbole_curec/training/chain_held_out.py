"""Measurements of a language model on reviews that it was not trained on: rewards, ratings, aspects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_curec.llm.engines.engine import Engine
from recbole_curec.reviews.gaming import gaming_report
from recbole_curec.reviews.held_out import chain_report
from recbole_curec.reviews.rewards.reward import ChainReward
from recbole_curec.reviews.scale import RatingScale


@dataclass(frozen=True)
class ChainHeldOut:
    """Prompts about held-out reviews, with what measures the chains.

    Attributes:
        rows: Prompts with the columns of :func:`~recbole_curec.reviews.rewards.reward.chain_columns`.
        rewards: The rewards by name.
        weights: Weight of each by name.
        scale: The scale of the ratings.
        writer: Makes an engine from a language model in memory.
        temperature: Sampling temperature.
        seed: Name of the generation call, which seeds every random choice.
    """

    rows: list[dict[str, Any]]
    rewards: Mapping[str, ChainReward]
    weights: Mapping[str, float]
    scale: RatingScale
    writer: Callable[[Any], Engine]
    temperature: float
    seed: str

    def write(self, model: Any) -> list[str]:
        """One chain per review by a language model in memory, the same for the same model."""
        prompts = [row["prompt"] for row in self.rows]
        return self.writer(model).write(prompts, temperature=self.temperature, seed=self.seed)

    def measure(self, completions: Sequence[str]) -> dict[str, float]:
        """Means over the reviews (:func:`~recbole_curec.reviews.held_out.chain_report`)."""
        return chain_report(completions, self.rows, self.scale, self.rewards, self.weights)

    def gaming(self) -> dict[str, dict[str, float]]:
        """Mean rewards of policies that exploit them."""
        return gaming_report(self.rewards, self.weights, self.rows, self.scale)
