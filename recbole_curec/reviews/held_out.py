"""Measurements of chains of held-out reviews: rewards, errors of the rating, aspects and their signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.reviews.chains import ParsedChain, parse_chain
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.rewards.reward import Reward, columns_of, evaluate


def chain_report(
    completions: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    scale: RatingScale,
    rewards: Mapping[str, Reward],
    weights: Mapping[str, float],
) -> dict[str, float]:
    """Means over reviews.

    Args:
        completions: One per row.
        rows: Dataset rows with the columns of :func:`~recbole_curec.reviews.rewards.reward.chain_columns`.
        scale: The scale of the ratings.
        rewards: The rewards of chains by name.
        weights: Weight of each; the weight of a reward that is left out is 0.

    Returns:
        Every reward and ``total``; ``unparsable``, the share of completions whose rating cannot be read; ``exact`` and
        ``off_by_one``, the shares whose rating is right or at most one step off; over those that can be read ``mae``
        and ``macro_mae``, the mean over the true ratings of their mean absolute errors; ``aspects`` per chain;
        ``agrees`` and ``consistent``, the shares of chains whose signs agree with the true and with the written rating
        (more praise than blame above the middle of the scale, less below it), of those with aspects and a rating beside
        the middle; ``words`` per chain. A mean over nothing is left out.
    """
    values = evaluate(rewards, weights, completions, [columns_of(row) for row in rows])
    chains = [parse_chain(completion, scale) for completion in completions]
    true = np.array([row["rating"] for row in rows], dtype=np.float64)
    unread = [np.nan if chain.chain.rating is None else chain.chain.rating for chain in chains]
    written = np.array(unread, dtype=np.float64)
    errors = np.abs(written - true)  # NaN where there is no rating, which is then neither right nor one step off
    read, of = errors[~np.isnan(errors)], true[~np.isnan(errors)]
    measured: dict[str, Sequence[float] | NDArray[Any]] = {
        **values,
        "unparsable": np.isnan(errors),
        "exact": errors < scale.step / 2,
        "off_by_one": errors < scale.step * 3 / 2,
        "mae": read,
        "macro_mae": [float(read[of == level].mean()) for level in np.unique(of)],
        "aspects": [len(chain.chain.aspects) for chain in chains],
        "agrees": _agreement(chains, true, scale),
        "consistent": _agreement(chains, written, scale),
        "words": [len(chain.think.split()) for chain in chains],
    }
    return {name: float(np.mean(numbers)) for name, numbers in measured.items() if len(numbers)}


def _agreement(chains: Sequence[ParsedChain], ratings: NDArray[np.float64], scale: RatingScale) -> list[float]:
    """Whether the signs of chains agree with the ratings, for those with aspects and a rating beside the middle."""
    sides = np.sign(ratings - scale.middle)
    rated = [(one.chain.sign, side) for one, side in zip(chains, sides, strict=True) if one.chain.aspects]
    return [float(sign == side) for sign, side in rated if abs(side) == 1]
