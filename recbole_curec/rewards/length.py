"""The reward ``length``: penalises reasons that are too short or too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.parsing import words_of
from recbole_curec.rewards.reward import Reward, parsed

# Length band without penalty, in words. Below it the reward falls linearly to -1 at 0 words, above it at 80 words.
_SHORTEST, _LONGEST = 10, 40


@REWARDS.register
class LengthReward(Reward):
    """0 within the length band, down to -1 outside."""

    name: ClassVar[str] = "length"

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        """From -1 to 0 per completion."""
        rewards = []
        for reason in parsed(completions):
            count = len(words_of(reason.text))
            excess = max(_SHORTEST - count, 0) / _SHORTEST + max(count - _LONGEST, 0) / _LONGEST
            rewards.append(-min(excess, 1.0))
        return rewards
