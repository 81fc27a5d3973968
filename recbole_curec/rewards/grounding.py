"""The reward ``grounding``: whether the reason claims only facts of its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.grounding import GroundingChecker, names_target
from recbole_curec.rewards.reward import Reward, RewardRequest, evidence_of, parsed


@REWARDS.register
class GroundingReward(Reward):
    """1 for a reason that names the target and claims only facts of its evidence, minus 0.5 per false claim.

    To say that the user took an item that only other users took is a false claim. A history item that no fact connects
    with the target also counts as one: the prompt shows it, but a reason that merely lists the history would exploit
    the reward model. A reason without any fact counts as one false claim, since filler would otherwise get full reward.
    """

    name: ClassVar[str] = "grounding"

    def __init__(self, checker: GroundingChecker) -> None:
        self._checker, self._finder = checker, FailureFinder(checker)

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
            whole = evidence_of(record)
            facts = replace(whole, history=())
            empty = not any(fact.name in reason.text for fact in facts.facts)
            false = len(self._checker.ungrounded(reason, facts)) + (not names_target(reason, facts)) + empty
            foreign = not false and self._finder.fault(reason, whole, ("history",)) is not None
            rewards.append(max(1.0 - 0.5 * (false + foreign), -1.0))
        return rewards
