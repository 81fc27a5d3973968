"""The reward ``grounding``: whether the reason claims only facts of its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.rewards.reward import Reward, RewardRequest, evidence_of, parsed


@REWARDS.register
class GroundingReward(Reward):
    """1 for a true reason that names its target, minus 0.5 for every false claim.

    A history item that no fact connects with the target counts as a false claim too: the prompt shows it, but a reason
    that merely lists the history would exploit the reward model. So does a reason that claims nothing, since filler
    would otherwise get the full reward.
    """

    name: ClassVar[str] = "grounding"

    def __init__(self, checker: TruthChecker) -> None:
        self._checker = checker

    @classmethod
    def prepare(cls, request: RewardRequest) -> GroundingReward:
        """The reward with the checker of the run's catalog."""
        return cls(request.checker)

    def __call__(
        self, prompts: Sequence[Any], completions: Sequence[Any], evidence: Sequence[str] = (), **_: Any
    ) -> list[float]:
        """From -1 to 1 per completion."""
        rewards = []
        for reason, record in zip(parsed(completions), evidence, strict=True):
            facts = replace(evidence_of(record), history=())
            false = len(self._checker.faults(reason, facts))
            empty = not false and not self._checker.supported(reason, facts)
            rewards.append(max(1.0 - 0.5 * (false + empty + (not self._checker.names_target(reason, facts))), -1.0))
        return rewards
