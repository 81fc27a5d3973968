"""The interface of the rewards of chains: functions of completions and dataset columns, as TRL's GRPO calls them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from recbole_curec.reviews.chains import ParsedChain, parse_chain
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.rewards.reward import Reward, completion_text


class ChainReward(Reward):
    """Scores chains; every completion is compared with the rating and the text of its own dataset row.

    It is built with the rating scale of a run, so it is no entry of the extension point of CURec's rewards.

    Args:
        scale: The scale of the ratings.
    """

    def __init__(self, scale: RatingScale) -> None:
        self.scale = scale

    @abstractmethod
    def score(self, chain: ParsedChain, text: str, rating: float) -> float:
        """The reward of one chain.

        Args:
            chain: The parsed completion.
            text: The whole review.
            rating: Its rating.
        """

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        text: Sequence[str] = (),
        rating: Sequence[float] = (),
        **_: Any,
    ) -> list[float]:
        """One reward per completion, which belongs to the text and the rating at the same place."""
        chains = [parse_chain(completion_text(completion), self.scale) for completion in completions]
        return [self.score(*row) for row in zip(chains, text, rating, strict=True)]


def chain_columns(text: str, rating: float) -> dict[str, Any]:
    """Dataset columns of one review that the rewards read."""
    return {"text": text, "rating": rating}
