"""The interface of rewards (functions of completions and dataset columns, as called by TRL's GRPO) and their sum."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import REWARDS
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.parsing import ParsedReason, parse_reason
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.settings.entry import Entry

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings

# Rewards that are always computed, whatever their weights, because reports and correction read them.
ALWAYS = ("model", "format", "grounding", "length", "repetition")
# Names of other figures in reports, which no reward may have.
RESERVED = (
    "total", "grounded", "generic", "lift", "shuffled_lift", "personal", "judge", "judge_lift", "judge_shuffled_lift",
    "words", "kl",
)  # fmt: skip


@dataclass(frozen=True)
class RewardRequest:
    """Arguments for preparing a reward.

    Attributes:
        scorer: The reward model.
        checker: Finds claims that the evidence does not support.
        settings: Gives the reward's own settings group by its class.
    """

    scorer: RewardScorer
    checker: TruthChecker
    settings: Any

    @property
    def finder(self) -> FailureFinder:
        """Finds faults in the format and in the claims of a reason."""
        return FailureFinder(self.checker)


class Reward(Entry, ABC):
    """Scores completions; called with ``(prompts, completions, **columns)``, it returns one number per completion.

    The columns are those of :func:`columns`: ``evidence`` (JSON), ``user``, ``item`` and ``position``.
    """

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check that the names of a run's rewards are unique."""
        _by_name(settings.reinforce.weights)

    @classmethod
    def prepare(cls, request: RewardRequest) -> Reward:
        """The reward for one run; by default it is built without arguments."""
        return cls()

    @abstractmethod
    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        """One reward per completion."""


def columns(evidence: Evidence, user: int, item: int, position: int) -> dict[str, Any]:
    """Dataset columns of one prompt."""
    return {"evidence": json.dumps(evidence.record()), "user": user, "item": item, "position": position}


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a dataset row without its prompt."""
    return {key: value for key, value in row.items() if key != "prompt"}


def evidence_of(record: str) -> Evidence:
    """The evidence of the column ``evidence``."""
    return Evidence.from_record(json.loads(record))


def completion_text(completion: Any) -> str:
    """Text of a completion, given as TRL's list of messages or as a string."""
    return completion if isinstance(completion, str) else str(completion[0]["content"])


def parsed(completions: Sequence[Any]) -> list[ParsedReason]:
    """The completions, parsed into thinking and reason."""
    return [parse_reason(completion_text(completion)) for completion in completions]


def prepare_rewards(weights: Mapping[str, float], request: RewardRequest) -> dict[str, Reward]:
    """Every computed reward by name: first those of ``ALWAYS``, then others that have a weight.

    Args:
        weights: The setting ``reinforce.weights``.
        request: Arguments for preparing them.

    Raises:
        ConfigurationError: Their names are not unique.
    """
    return {name: entry.prepare(request) for name, entry in _by_name(weights).items()}


def weights_by_name(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights by the rewards' own names; the setting may give the path of a class instead of a name."""
    return {REWARDS.find(name).name: weight for name, weight in weights.items()}


def _by_name(weights: Mapping[str, float]) -> dict[str, type[Reward]]:
    """The computed rewards by their own names.

    Raises:
        ConfigurationError: A reward has no name, its name is taken, or it has two weights.
    """
    found: dict[str, type[Reward]] = {name: REWARDS.find(name) for name in ALWAYS}
    weighed: set[type[Reward]] = set()
    for given in weights:
        entry = REWARDS.find(given)
        if not entry.name:
            raise ConfigurationError(f"reinforce.weights: {given} has no name to be logged under: set its 'name'.")
        known = found.setdefault(entry.name, entry)
        if known is not entry or entry.name in RESERVED:
            what = "a figure of every report" if known is entry else f"{known.__module__}.{known.__qualname__}"
            raise ConfigurationError(
                f"reinforce.weights: {given} is named '{entry.name}' like {what}: give it another name."
            )
        if entry in weighed:
            raise ConfigurationError(f"reinforce.weights: {given} weighs the reward '{entry.name}' twice: keep one.")
        weighed.add(entry)
    return found


def evaluate(
    rewards: Mapping[str, Reward], weights: Mapping[str, float], completions: Sequence[str], rows: Any
) -> dict[str, list[float]]:
    """All rewards of completions by name, and their weighted sum as ``total``.

    Args:
        rewards: Result of :func:`prepare_rewards`.
        weights: Result of :func:`weights_by_name`; the weight of a reward that is left out is 0.
        completions: Completions of the language model.
        rows: The :func:`columns` of each, as a list of dicts.
    """
    shared = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    values = {name: reward(prompts=completions, completions=completions, **shared) for name, reward in rewards.items()}
    totals = [0.0] * len(completions)
    for name, numbers in values.items():
        totals = [total + weights.get(name, 0.0) * number for total, number in zip(totals, numbers, strict=True)]
    return {**values, "total": totals}
