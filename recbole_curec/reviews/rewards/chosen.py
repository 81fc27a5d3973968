"""The three rewards of a run, as its settings say."""

from __future__ import annotations

from recbole_curec.reviews.rewards.accuracy import AccuracyReward
from recbole_curec.reviews.rewards.analysis import AnalysisReward
from recbole_curec.reviews.rewards.format import ChainFormatReward
from recbole_curec.reviews.rewards.reward import ChainReward
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.settings.chains import ChainSettings


def chain_rewards(settings: ChainSettings, scale: RatingScale) -> dict[str, ChainReward]:
    """Every reward by name, whatever its weight, because reports show all of them."""
    rewards: list[ChainReward] = [
        AccuracyReward(scale, settings.rating_reward, weighted=settings.frequency_weights),
        ChainFormatReward(scale),
        AnalysisReward(scale),
    ]
    return {reward.name: reward for reward in rewards}
