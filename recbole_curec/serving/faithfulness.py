"""Faithfulness: whether a reason names the past items that moved the score.

For every recommended item whose reason names items of the user's history, those are left out and the item is scored
again (as in the erasure tests of DeYoung et al. 2020, arXiv:1911.03429, "comprehensiveness"). The fall is compared with
that without as many other items of the same history, drawn at random. As a control, one such random draw is compared
with the others: its difference is 0 but for chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.evaluation.statistics import interval, paired_tests
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.serving.left_out import LeftOut


@dataclass(frozen=True)
class Fall:
    """Mean fall of a score, over users, and how it differs from that of other items.

    Attributes:
        fall: Mean fall of the score.
        others: Mean fall without as many other items.
        difference: The first minus the second.
        low: Lower end of the difference's 95 % confidence interval; None with fewer than two users, as are the others.
        high: Upper end.
        t_test: P of the paired t-test over users.
        wilcoxon: P of Wilcoxon's signed-rank test over users.
    """

    fall: float
    others: float
    difference: float
    low: float | None
    high: float | None
    t_test: float | None
    wilcoxon: float | None

    @classmethod
    def of(cls, falls: NDArray[np.float64], others: NDArray[np.float64]) -> Fall:
        """Of two means per user, both of shape ``(users,)``."""
        difference = falls - others
        low, high = interval(difference) or (None, None)
        return cls(
            float(falls.mean()), float(others.mean()), float(difference.mean()), low, high, *paired_tests(difference)
        )


@dataclass(frozen=True)
class Faithfulness:
    """The report on one model.

    Attributes:
        pairs: Recommended items whose reason names past items and could be compared.
        users: Users they belong to.
        unnamed: Items whose reason names no past item.
        short: Items whose user has too few other past items to compare with.
        larger: Share of the pairs whose score falls more without the named items than without others.
        named: Falls without the named items.
        control: Falls without random items in their place.
    """

    pairs: int
    users: int
    unnamed: int
    short: int
    larger: float
    named: Fall | None
    control: Fall | None


def named_items(record: ReasonRecord, past: Sequence[str], titles: Sequence[str]) -> list[str]:
    """The past items that a reason names.

    Args:
        record: The reason.
        past: The user's past items, original ids.
        titles: Their names, as reasons write them.
    """
    history = {fact.name for fact in record.evidence.facts_of("similar")} | set(record.evidence.history)
    history |= {excerpt.name for excerpt in record.evidence.excerpts}
    said = {name for name in history if f'"{name}"' in record.text and name != record.evidence.target}
    return [item for item, title in zip(past, titles, strict=True) if title in said]


def measure_faithfulness(
    records: Sequence[ReasonRecord],
    names: dict[str, str],
    model: LeftOut,
    *,
    draws: int = 5,
    seed: int = 0,
) -> Faithfulness:
    """Compare what a score loses without the items a reason names, and without others.

    Args:
        records: Reasons of recommended items.
        names: Name by original item id, as reasons write them.
        model: Scores items with some past items left out.
        draws: Random sets of other items per reason; one more serves as control.
        seed: Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    falls: dict[str, list[tuple[float, float, float]]] = {}
    unnamed = short = 0
    for record in tqdm(records, desc="left out", unit="reason", leave=False, disable=None):
        past = [item for item in dict.fromkeys(model.past(record.user)) if item != record.item]
        named = named_items(record, past, [names.get(item, "") for item in past])
        others = [item for item in past if item not in set(named)]
        if not named:
            unnamed += 1
            continue
        if len(others) < 2 * len(named):
            short += 1
            continue
        drawn = [rng.choice(len(others), size=len(named), replace=False) for _ in range(draws + 1)]
        sets = [[], named, *([others[place] for place in places] for places in drawn)]
        whole, *without = model.scores(record.user, record.item, sets)
        fall = whole - np.array(without)
        falls.setdefault(record.user, []).append((float(fall[0]), float(fall[1]), float(fall[2:].mean())))
    means = np.array([np.mean(rows, axis=0) for rows in falls.values()]).reshape(-1, 3)
    pairs = [row for rows in falls.values() for row in rows]
    return Faithfulness(
        pairs=len(pairs),
        users=len(means),
        unnamed=unnamed,
        short=short,
        larger=float(np.mean([named > other for named, _, other in pairs])) if pairs else 0.0,
        named=Fall.of(means[:, 0], means[:, 2]) if len(means) > 1 else None,
        control=Fall.of(means[:, 1], means[:, 2]) if len(means) > 1 else None,
    )
