"""Assessment of completions: all rewards of each, and its first failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.failures import Failure, FailureFinder
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.rewards.reward import Reward, columns, evaluate

_DIGITS = 6


@dataclass(frozen=True)
class Target:
    """The user, item and position that a reason is for, in internal ids.

    Attributes:
        user: User id.
        item: Item id.
        position: Number of interactions of the user before the item.
        evidence: Facts that the reason may claim.
    """

    user: int
    item: int
    position: int
    evidence: Evidence


@dataclass(frozen=True)
class Candidate:
    """A completion with its rewards and its failure.

    Attributes:
        completion: The completion, thinking included.
        text: The reason in it.
        rewards: Rewards by name, ``total`` included.
        failure: Why it fails; None if it passes.
    """

    completion: str
    text: str
    rewards: dict[str, float]
    failure: Failure | None

    @property
    def is_sound(self) -> bool:
        """Whether it is well formed and true, whatever its reward."""
        return self.failure is None or self.failure.kind == "low reward"

    @property
    def rank(self) -> tuple[bool, float]:
        """Sort key, higher is better: first whether it is well formed and true, then the total reward."""
        return self.is_sound, self.rewards["total"]


class Assessor:
    """Scores completions with every reward and finds their failures.

    Args:
        rewards: The rewards by name, ``model`` among them.
        weights: Weight of each by name.
        finder: Finds failures; its threshold is the lowest model reward that passes.
    """

    def __init__(self, rewards: Mapping[str, Reward], weights: Mapping[str, float], finder: FailureFinder) -> None:
        self.rewards, self.weights, self.finder = rewards, weights, finder

    def assess(self, targets: Sequence[Target], completions: Sequence[str]) -> list[Candidate]:
        """A candidate per completion."""
        rows = [columns(target.evidence, target.user, target.item, target.position) for target in targets]
        values = evaluate(self.rewards, self.weights, completions, rows)
        candidates = []
        for number, (target, completion) in enumerate(zip(targets, completions, strict=True)):
            rewards = {name: round(value[number], _DIGITS) for name, value in values.items()}
            reason = parse_reason(completion)
            failure = self.finder.failure(reason, target.evidence, rewards["model"])
            candidates.append(Candidate(completion, reason.text, rewards, failure))
        return candidates
