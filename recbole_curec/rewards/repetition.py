"""The reward ``repetition``: penalises repeated word trigrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.repetition import repeated_share
from recbole_curec.rewards.reward import Reward, parsed


@REWARDS.register
class RepetitionReward(Reward):
    """Minus the share of repeated word trigrams, in the thinking or in the reason, whichever is larger."""

    name: ClassVar[str] = "repetition"

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        """From -1 to 0 per completion."""
        return [-max(repeated_share(reason.think or ""), repeated_share(reason.text)) for reason in parsed(completions)]
