"""The named rewards: pure functions of completions and their dataset columns, as TRL's GRPO calls them.

Every function takes ``(prompts, completions, **columns)`` and returns one float per completion. The columns are those
of :func:`columns`: ``evidence`` (JSON), ``user``, ``item`` and ``position``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.grounding import GroundingChecker, names_target
from recbole_curec.reasons.parsing import ParsedReason, parse_reason, words_of
from recbole_curec.reasons.repetition import repeated_share
from recbole_curec.rewards.scorer import RewardScorer

RewardFunction = Callable[..., list[float]]
NAMES = ("model", "format", "grounding", "length", "repetition")

# The band in which length costs nothing, in words; beyond it the reward falls linearly over as many words again.
_SHORTEST, _LONGEST = 10, 40
_MALFORMED = ("format", "language", "repetition")


def columns(evidence: Evidence, user: int, item: int, position: int) -> dict[str, Any]:
    """Dataset columns of one prompt."""
    return {"evidence": json.dumps(evidence.record()), "user": user, "item": item, "position": position}


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a dataset row that also holds its prompt."""
    return {key: value for key, value in row.items() if key != "prompt"}


def evidence_of(row: Mapping[str, Any]) -> Evidence:
    """The evidence of a dataset row."""
    return _evidence(row["evidence"])


def _evidence(record: str) -> Evidence:
    return Evidence.from_record(json.loads(record))


def completion_text(completion: Any) -> str:
    """Text of a completion, given as TRL's list of messages or as a string."""
    return completion if isinstance(completion, str) else str(completion[0]["content"])


def _parsed(completions: Sequence[Any]) -> list[ParsedReason]:
    return [parse_reason(completion_text(completion)) for completion in completions]


def format_reward(finder: FailureFinder) -> RewardFunction:
    """1 for a completion that is one reason in the language of the prompts and says nothing twice, else 0."""

    def format(prompts: Sequence[Any], completions: Sequence[Any], evidence: Sequence[str], **_: Any) -> list[float]:
        rewards = []
        for reason, record in zip(_parsed(completions), evidence, strict=True):
            malformed = finder.fault(reason, _evidence(record), _MALFORMED)
            rewards.append(float(malformed is None))
        return rewards

    return format


def length_reward(prompts: Sequence[Any], completions: Sequence[Any], **_: Any) -> list[float]:
    """0 within the length band, down to -1 outside."""
    rewards = []
    for reason in _parsed(completions):
        count = len(words_of(reason.text))
        excess = max(_SHORTEST - count, 0) / _SHORTEST + max(count - _LONGEST, 0) / _LONGEST
        rewards.append(-min(excess, 1.0))
    return rewards


def repetition_reward(prompts: Sequence[Any], completions: Sequence[Any], **_: Any) -> list[float]:
    """Minus the share of repeated word trigrams, in the thinking or in the reason, whichever repeats more."""
    return [-max(repeated_share(reason.think or ""), repeated_share(reason.text)) for reason in _parsed(completions)]


def grounding_reward(checker: GroundingChecker) -> RewardFunction:
    """1 for a reason that names the target and claims only what the facts hold; each false claim costs a half.

    To say that the user took what only others took is a false claim too.

    An item of the history that no fact ties to the target counts as a false claim here: the prompt shows it, so it is
    no invention, but reciting the history would win the reward model over without giving a reason. So does a reason
    that gives no fact at all: filler has nothing to be wrong about.
    """
    finder = FailureFinder(checker)

    def grounding(prompts: Sequence[Any], completions: Sequence[Any], evidence: Sequence[str], **_: Any) -> list[float]:
        rewards = []
        for reason, record in zip(_parsed(completions), evidence, strict=True):
            whole = _evidence(record)
            facts = replace(whole, history=())
            empty = not any(fact.name in reason.text for fact in facts.facts)
            false = len(checker.ungrounded(reason, facts)) + (not names_target(reason, facts)) + empty
            foreign = not false and finder.fault(reason, whole, ("history",)) is not None
            rewards.append(max(1.0 - 0.5 * (false + foreign), -1.0))
        return rewards

    return grounding


def model_reward(scorer: RewardScorer, finder: FailureFinder) -> RewardFunction:
    """The reward model's marginal contribution less the same for other users.

    A broken or false reason cannot earn it: what persuades in it may be what is not true.
    """

    def model(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        user: Sequence[int],
        item: Sequence[int],
        position: Sequence[int],
        evidence: Sequence[str],
        **_: Any,
    ) -> list[float]:
        reasons = _parsed(completions)
        total: list[float] = scorer.score(user, item, position, [reason.text for reason in reasons]).total.tolist()
        sound = [
            finder.fault(reason, _evidence(record)) is None for reason, record in zip(reasons, evidence, strict=True)
        ]
        return [reward if earned else min(reward, 0.0) for reward, earned in zip(total, sound, strict=True)]

    return model


def reward_functions(scorer: RewardScorer, checker: GroundingChecker) -> dict[str, RewardFunction]:
    """Every reward by the name it has in ``reward_weights``, in the order of ``NAMES``."""
    finder = FailureFinder(checker)
    functions = (
        model_reward(scorer, finder), format_reward(finder), grounding_reward(checker), length_reward,
        repetition_reward,
    )  # fmt: skip
    return dict(zip(NAMES, functions, strict=True))


def evaluate(
    functions: Mapping[str, RewardFunction], weights: Mapping[str, float], completions: Sequence[str], rows: Any
) -> dict[str, list[float]]:
    """All rewards of completions by name, and their weighted sum as ``total``.

    Args:
        functions: Result of :func:`reward_functions`.
        weights: Weight of each reward; one that is left out weighs nothing.
        completions: Texts the model wrote.
        rows: The :func:`columns` of each, as a list of dicts.
    """
    shared = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    values = {
        name: function(prompts=completions, completions=completions, **shared) for name, function in functions.items()
    }
    totals = [0.0] * len(completions)
    for name, rewards in values.items():
        totals = [total + weights.get(name, 0.0) * reward for total, reward in zip(totals, rewards, strict=True)]
    return {**values, "total": totals}
