"""The reward ``format``: whether a completion is one well-formed English reason without repetition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.rewards.reward import Reward, RewardRequest, evidence_of, parsed

_MALFORMED = ("format", "language", "repetition")


@REWARDS.register
class FormatReward(Reward):
    """1 for a completion that is one well-formed reason in the language of the prompts without repetition, else 0."""

    name: ClassVar[str] = "format"

    def __init__(self, finder: FailureFinder) -> None:
        self._finder = finder

    @classmethod
    def prepare(cls, request: RewardRequest) -> FormatReward:
        """The reward with the same checks as the ``correct`` stage."""
        return cls(request.finder)

    def __call__(
        self, prompts: Sequence[Any], completions: Sequence[Any], evidence: Sequence[str] = (), **_: Any
    ) -> list[float]:
        """0 or 1 per completion."""
        pairs = zip(parsed(completions), evidence, strict=True)
        return [float(self._finder.fault(reason, evidence_of(record), _MALFORMED) is None) for reason, record in pairs]
