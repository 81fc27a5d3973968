"""The reward ``model``: by how much the reason raises the reward model's score for its user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.reward import Reward, RewardRequest, evidence_of, parsed


@REWARDS.register
class RewardModelReward(Reward):
    """Change of the reward model's log-odds by the reason, minus the mean change for other users.

    A malformed or false reason gets at most 0, because its score may come from the false claim.
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
        """Log-odds per completion; at most 0 for a malformed or false one."""
        reasons = parsed(completions)
        scores = self._scorer.score(user, item, position, [reason.text for reason in reasons])
        total: list[float] = scores.total.tolist()
        sound = [
            self._finder.fault(reason, evidence_of(record)) is None
            for reason, record in zip(reasons, evidence, strict=True)
        ]
        return [reward if earned else min(reward, 0.0) for reward, earned in zip(total, sound, strict=True)]
