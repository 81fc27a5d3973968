"""Intervals of metrics by bootstrap over users (percentiles; Efron and Tibshirani, 1993)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recbole_curec.evaluation.metrics.metric import Score
from recbole_curec.evaluation.statistics import CONFIDENCE


def bootstrap_interval(score: Score, users: Sequence[str], samples: int, seed: int) -> tuple[float, float] | None:
    """The 95 % interval of a metric, from samples of users drawn with replacement, each with all of their pairs.

    Where every user has one pair, this is the bootstrap over pairs; pairs of one user are not independent. Users
    of whom the metric says nothing, because all parts of their pairs are 0, are not drawn.

    Args:
        score: The metric.
        users: User of every pair, shape ``(N,)``.
        samples: Samples drawn; 0 for no interval.
        seed: Seed of the draws; the same seed draws the same users for every metric and set.

    Returns:
        Lower and upper end; None where the metric has no parts, or speaks of one user alone.
    """
    if score.parts is None or score.total is None or not samples:
        return None
    _, owners = np.unique(np.asarray(users, dtype=object).astype(str), return_inverse=True)
    by_user = np.zeros((int(owners.max()) + 1, score.parts.shape[1]))
    np.add.at(by_user, owners, score.parts)
    by_user = by_user[by_user.any(axis=1)]
    count = len(by_user)
    if count < 2:  # every sample would be the same
        return None
    rng = np.random.default_rng(seed)
    found = [score.total(np.bincount(rng.integers(0, count, count), minlength=count) @ by_user) for _ in range(samples)]
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(found, [tail, 100 - tail])
    return float(low), float(high)
