"""The settings of chains: what they are learnt from and what they are rewarded for."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from recbole_curec.settings.group import SettingsGroup, setting

RatingReward = Literal["published", "symmetric"]
RewardName = Literal["accuracy", "format", "analysis"]


class ChainSettings(SettingsGroup):
    """RecCoT: chains of reasoning about reviews, their teacher and their rewards."""

    section: ClassVar[str] = "chains"
    teacher: Literal["ridge", "openai"] = setting(
        "ridge",
        "Who writes the chains to learn from: 'ridge' quotes the words that move the rating, 'openai' asks a server.",
        alias="chain_teacher",
    )
    aspects: int = setting(4, "Most aspects of a chain that the teacher writes.", alias="chain_aspects", ge=1, le=6)
    review_words: int = setting(120, "Most words of a review in a prompt: its beginning and its end.", ge=8)
    rating_reward: RatingReward = setting(
        "symmetric",
        "How an error of the rating is rewarded: 'published' forgives what is too low, 'symmetric' neither.",
    )
    frequency_weights: bool = setting(True, "Whether rare ratings weigh more in the reward of the rating.")
    weights: dict[RewardName, float] = setting(
        {"accuracy": 1.0, "format": 0.2, "analysis": 0.3}, "Rewards and their weights.", alias="chain_weights"
    )

    @field_validator("weights")
    @classmethod
    def _reward_something(cls, weights: dict[RewardName, float]) -> dict[RewardName, float]:
        if not any(weight > 0 for weight in weights.values()):
            raise ValueError("no reward has a positive weight: give one, such as accuracy: 1.0")
        return weights
