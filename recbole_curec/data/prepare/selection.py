"""Which reviews a data set keeps, and in which order: one of each pair, the k-core, exact time order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Duplicates = Literal["first", "last"]


def time_order(times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in the order of their times, equal times in the order of the rows, shape ``(N,)``."""
    return np.argsort(times, kind="stable").astype(np.int64)


def without_duplicates(users: NDArray[np.int64], items: NDArray[np.int64], keep: Duplicates) -> NDArray[np.bool_]:
    """Which rows stay if a pair of user and item may occur once, shape ``(N,)``.

    Args:
        users: Users of rows in time order.
        items: Their items.
        keep: Which row of a pair stays.
    """
    pairs = pd.DataFrame({"user": users, "item": items})
    found: NDArray[np.bool_] = ~pairs.duplicated(keep=keep).to_numpy()
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


def k_core(users: NDArray[np.int64], items: NDArray[np.int64], k: int) -> Core:
    """The largest set of rows in which every user and every item has at least ``k`` of them.

    Dropping an item may leave a user with too few rows, so users and items are looked at again until nothing changes.
    """
    kept = np.ones(len(users), dtype=np.bool_)
    rounds = 0
    while True:
        enough = kept.copy()
        for ids in (users, items):
            enough &= np.bincount(ids[kept], minlength=int(ids.max(initial=0)) + 1)[ids] >= k
        if (enough == kept).all():
            return Core(kept, rounds)
        kept, rounds = enough, rounds + 1
