"""The reward ``model``: what the reason adds for its user, by the reward model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.reward import Reward, RewardRequest, evidence_of, parsed


@REWARDS.register
class RewardModelReward(Reward):
    """The reward model's marginal contribution less the same for other users.

    A broken or false reason cannot earn it: what persuades in it may be what is not true.
    """

    name: ClassVar[str] = "model"

    def __init__(self, scorer: RewardScorer, finder: FailureFinder) -> None:
        self._scorer, self._finder = scorer, finder

    @classmethod
    def prepare(cls, request: RewardRequest) -> RewardModelReward:
        """The reward with the run's reward model."""
        return cls(request.scorer, request.finder)

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        user: Sequence[int] = (),
        item: Sequence[int] = (),
        position: Sequence[int] = (),
        evidence: Sequence[str] = (),
        **_: Any,
    ) -> list[float]:
        """Log-odds per completion; at most 0 for a broken or false one."""
        reasons = parsed(completions)
        scores = self._scorer.score(user, item, position, [reason.text for reason in reasons])
        total: list[float] = scores.total.tolist()
        sound = [
            self._finder.fault(reason, evidence_of(record)) is None
            for reason, record in zip(reasons, evidence, strict=True)
        ]
        return [reward if earned else min(reward, 0.0) for reward, earned in zip(total, sound, strict=True)]
