"""The three rewards of a run, as its settings say."""

from __future__ import annotations

from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.rewards.accuracy import AccuracyReward
from recbole_curec.reviews.rewards.analysis import AnalysisReward
from recbole_curec.reviews.rewards.format import ChainFormatReward
from recbole_curec.reviews.rewards.reward import ChainReward
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.settings.chains import ChainSettings


def chain_rewards(settings: ChainSettings, scale: RatingScale, opinions: OpinionWords) -> dict[str, ChainReward]:
    """Every reward by name, whatever its weight, because reports show all of them.

    Args:
        settings: The settings of the chains.
        scale: The scale of the ratings.
        opinions: Words that move the rating, from the training reviews of the same fold.
    """
    rewards: list[ChainReward] = [
        AccuracyReward(scale, settings.rating_reward, weighted=settings.frequency_weights),
        ChainFormatReward(scale),
        AnalysisReward(scale, opinions),
    ]
    return {reward.name: reward for reward in rewards}
