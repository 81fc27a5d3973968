"""What the tests of rewards rate completions with: dataset columns, a request, a reward model without a network."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.rewards.reward import RewardRequest, columns
from recbole_curec.settings.settings import Settings
from tests.examples import CATALOG, EVIDENCE


class Liking:
    """A reward model that likes everything alike."""

    def __init__(self, reward: float = 0.5) -> None:
        self.reward = reward

    def score(self, users: Any, items: Any, positions: Any, texts: list[str]) -> Any:
        return SimpleNamespace(total=np.full(len(texts), self.reward))


def rows(count: int, evidence: Evidence = EVIDENCE) -> dict[str, list[Any]]:
    """The columns of as many completions about the same evidence."""
    return {key: [value] * count for key, value in columns(evidence, 1, 2, 3).items()}


def request(scorer: Any = None) -> RewardRequest:
    """What rewards are made with, over the small catalog."""
    return RewardRequest(scorer or Liking(), ClaimChecker(CATALOG), Settings())
