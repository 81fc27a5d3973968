"""What annotators' answers say: preferences, scales, agreement and attention checks, with and without who failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recbole_curec.evaluation.annotation.agreement import alpha
from recbole_curec.evaluation.annotation.attention import fails
from recbole_curec.evaluation.annotation.key import Key
from recbole_curec.evaluation.annotation.reading import Answer, Filled, Preference
from recbole_curec.evaluation.explanations import Pair
from recbole_curec.evaluation.statistics import interval
from recbole_curec.evaluation.win_rate import WinRate

_TIE = 2


@dataclass(frozen=True)
class Mean:
    """A mean over pairs with its 95 % interval by the t distribution; None where one pair says nothing of it."""

    mean: float
    interval: tuple[float, float] | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Mean | None:
        """The mean of some values; None without a value."""
        if not values:
            return None
        return cls(float(np.mean(values)), interval(np.asarray(values)))

    def record(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {"mean": self.mean, "interval": None if self.interval is None else list(self.interval)}


@dataclass(frozen=True)
class ScaleResult:
    """Ratings on one scale.

    Attributes:
        sets: Mean rating of either set, over pairs; every pair's is the mean over its annotators.
        difference: Mean over pairs of the first set's less the second's.
        alpha: Krippendorff's alpha, ordinal; None where it is not defined.
    """

    sets: tuple[Mean | None, Mean | None]
    difference: Mean | None
    alpha: float | None


@dataclass(frozen=True)
class Findings:
    """What some annotators say.

    Attributes:
        sheets: Names of their sheets.
        by_pair: Preferences of pairs, each by more than half of its answers, else a tie: the first set's win rate.
        unanswered: Pairs on which nobody gave a preference, nor said that neither is better.
        by_answer: All preferences as if they were independent, which answers about one pair are not.
        alpha: Krippendorff's alpha of preferences, nominal; None where it is not defined.
        scales: Result per scale.
        majority: What the majority prefers, by user and item.
    """

    sheets: tuple[str, ...]
    by_pair: WinRate
    unanswered: int
    by_answer: WinRate
    alpha: float | None
    scales: dict[str, ScaleResult]
    majority: dict[Pair, Preference]


@dataclass(frozen=True)
class AnnotationResult:
    """The result of a study.

    Attributes:
        key: Its key.
        filled: The filled sheets.
        everyone: What all annotators say.
        attentive: What those say who passed the attention checks; None if all did, or nobody.
    """

    key: Key
    filled: Sequence[Filled]
    everyone: Findings
    attentive: Findings | None

    @property
    def failed(self) -> list[str]:
        """Sheets of annotators who failed the attention checks."""
        return [one.sheet for one in self.filled if fails(sum(one.checks), len(one.checks))]


def result_of(key: Key, filled: Sequence[Filled]) -> AnnotationResult:
    """What filled sheets say, with and without annotators who failed the attention checks."""
    passed = [one for one in filled if not fails(sum(one.checks), len(one.checks))]
    some = 0 < len(passed) < len(filled)
    return AnnotationResult(key, filled, _findings(key, filled), _findings(key, passed) if some else None)


def _findings(key: Key, filled: Sequence[Filled]) -> Findings:
    answers = [one for sheet in filled for one in sheet.compared]
    told = [one for one in answers if one.answered]
    majority = {pair: _majority(one.preferred for one in found) for pair, found in _by_pair(told).items()}
    return Findings(
        sheets=tuple(one.sheet for one in filled),
        by_pair=WinRate.of(majority.values()),
        unanswered=len(_by_pair(answers)) - len(majority),
        by_answer=WinRate.of(one.preferred for one in told),
        alpha=_alpha_of_preferences(filled),
        scales={scale: _scale(filled, answers, scale) for scale in key.scales},
        majority=majority,
    )


def _by_pair(answers: Iterable[Answer]) -> dict[Pair, list[Answer]]:
    found: dict[Pair, list[Answer]] = {}
    for one in answers:
        found.setdefault((one.question.user, one.question.item), []).append(one)
    return found


def _majority(preferred: Iterable[Preference]) -> Preference:
    """The set that more than half of the answers prefer, ties among them; neither where there is none."""
    count = Counter(preferred)
    return next((place for place in (0, 1) if 2 * count[place] > count.total()), None)


def _alpha_of_preferences(filled: Sequence[Filled]) -> float | None:
    table: dict[str, dict[Hashable, int]] = {
        sheet.sheet: {
            (one.question.user, one.question.item): _TIE if one.preferred is None else one.preferred
            for one in sheet.compared
            if one.answered
        }
        for sheet in filled
    }
    return alpha(table, "nominal")


def _scale(filled: Sequence[Filled], answers: Sequence[Answer], scale: str) -> ScaleResult:
    by_pair: dict[Pair, tuple[float | None, float | None]] = {}
    for pair, found in _by_pair(answers).items():
        rated = [[one.ratings[scale, place] for one in found if (scale, place) in one.ratings] for place in (0, 1)]
        one, other = (float(np.mean(values)) if values else None for values in rated)
        by_pair[pair] = (one, other)
    first = [one for one, _ in by_pair.values() if one is not None]
    second = [other for _, other in by_pair.values() if other is not None]
    both = [one - other for one, other in by_pair.values() if one is not None and other is not None]
    table: dict[str, dict[Hashable, int]] = {
        sheet.sheet: {
            (one.question.user, one.question.item, place): rating
            for one in sheet.compared
            for (name, place), rating in one.ratings.items()
            if name == scale
        }
        for sheet in filled
    }
    return ScaleResult((Mean.of(first), Mean.of(second)), Mean.of(both), alpha(table, "ordinal"))
