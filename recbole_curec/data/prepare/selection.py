"""Which reviews a data set keeps, and in which order: filters, one of each pair, the k-core, exact time order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Duplicates = Literal["first", "last", "all"]
Unrated = Literal["drop", "keep"]
Codes = NDArray[np.int32] | NDArray[np.int64]


def time_order(times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in the order of their times, equal times in the order of the rows, shape ``(N,)``."""
    return np.argsort(times, kind="stable").astype(np.int64, copy=False)


def within(times: NDArray[np.float64], since: float | None, before: float | None) -> NDArray[np.bool_]:
    """Which times lie in a window, its begin included and its end not, shape ``(N,)``."""
    kept = np.ones(len(times), dtype=np.bool_)
    if since is not None:
        kept &= times >= since
    if before is not None:
        kept &= times < before
    return kept


def pair_keys(users: Codes, items: Codes) -> NDArray[np.int64]:
    """One number for every pair of user and item, which other pairs do not have, shape ``(N,)``."""
    found: NDArray[np.int64] = users.astype(np.int64) * (int(items.max(initial=0)) + 1) + items
    return found


def without_duplicates(users: Codes, items: Codes, keep: Duplicates) -> NDArray[np.bool_]:
    """Which rows stay if a pair of user and item may occur once, shape ``(N,)``.

    Args:
        users: Users of rows in time order.
        items: Their items.
        keep: Which row of a pair stays; ``all`` keeps every one.
    """
    if keep == "all":
        return np.ones(len(users), dtype=np.bool_)
    found: NDArray[np.bool_] = ~pd.Series(pair_keys(users, items)).duplicated(keep=keep).to_numpy()
    return found


@dataclass(frozen=True)
class Core:
    """The k-core.

    Attributes:
        kept: Which rows stay, shape ``(N,)``.
        rounds: Rounds in which rows were dropped.
    """

    kept: NDArray[np.bool_]
    rounds: int


def k_core(users: Codes, items: Codes, k: int) -> Core:
    """The largest set of rows in which every user and every item has at least ``k`` of them.

    Dropping an item may leave a user with too few rows, so users and items are looked at again until nothing changes.
    """
    kept = np.ones(len(users), dtype=np.bool_)
    rounds = 0
    while True:
        enough = kept.copy()
        for ids in (users, items):
            enough &= (np.bincount(ids[kept], minlength=int(ids.max(initial=0)) + 1) >= k)[ids]
        if (enough == kept).all():
            return Core(kept, rounds)
        kept, rounds = enough, rounds + 1
