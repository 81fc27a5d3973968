"""Overlap of the hits of two rows: do they find the same test items?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.evaluation.ranking_metrics import RANK


@dataclass(frozen=True)
class Overlap:
    """Overlap of the hits of two rows, or of two seeds of one row; means over seeds or pairs of seeds.

    Attributes:
        jaccard: Test interactions that both hit, as a share of those that at least one hits; None where neither hits
            any.
        union: Test interactions that at least one hits, as a share of all.
    """

    jaccard: float | None
    union: float


def overlaps(
    ranks: Mapping[str, Sequence[pd.DataFrame]], cutoff: int, column: str = RANK
) -> dict[tuple[str, str], Overlap]:
    """Overlap of every pair of rows under the same seed, and of every row with itself under two seeds.

    Args:
        ranks: Ranks of every row's test interactions, by seed; the same interactions in all rows.
        cutoff: Length of a list; a rank within it is a hit.
        column: The ranks in question.

    Returns:
        By the names of two rows, in the order given, a row's pair with itself first; that one is left out where there
        is one seed only, or where the seeds have other test interactions.
    """
    hits = {name: [hits_of(table, cutoff, column) for table in by_seed] for name, by_seed in ranks.items()}
    names, comparable = list(hits), same_interactions(next(iter(ranks.values())))
    found: dict[tuple[str, str], Overlap] = {}
    for place, name in enumerate(names):
        if len(hits[name]) > 1 and comparable:
            found[name, name] = _mean(list(combinations(hits[name], 2)))
        for other in names[place + 1 :]:
            found[name, other] = _mean(list(zip(hits[name], hits[other], strict=True)))
    return found


def hits_of(ranks: pd.DataFrame, cutoff: int, column: str = RANK) -> NDArray[np.bool_]:
    """Which test interactions are hit, shape ``(N,)``, in an order that depends on their users and items alone."""
    order = np.lexsort((ranks[column], ranks["item"].astype(str), ranks["user"].astype(str)))
    hits: NDArray[np.bool_] = (ranks[column] <= cutoff).to_numpy()[order]
    return hits


def same_interactions(by_seed: Sequence[pd.DataFrame]) -> bool:
    """Whether all seeds have the same test interactions; a random split changes with the seed."""
    first, *others = (
        table[["user", "item"]].astype(str).sort_values(["user", "item"], ignore_index=True) for table in by_seed
    )
    return all(first.equals(other) for other in others)


def _mean(pairs: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> Overlap:
    both = [int((one & other).sum()) for one, other in pairs]
    either = [int((one | other).sum()) for one, other in pairs]
    shares = [shared / hit for shared, hit in zip(both, either, strict=True) if hit]
    union = np.mean([hit / len(one) for hit, (one, _) in zip(either, pairs, strict=True)])
    return Overlap(float(np.mean(shares)) if shares else None, float(union))
