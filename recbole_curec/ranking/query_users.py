"""Which users teach a ranker, and by how many of their training interactions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.settings.rank import RankSettings

# Interactions that every user keeps, so that a sequential model has something to predict and a user a vector.
KEPT = 2
# Fewer queries to learn from, or to end the training with, say nothing.
FEWEST = 10


def last_interactions(history: TrainHistory, users: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """How many of the last training interactions of every user are left out, shape ``(n_users,)``.

    Args:
        history: The training split.
        users: Users of whom any are left out.
        most: Interactions per user, at most; :data:`KEPT` always stay.
    """
    left = np.zeros(history.n_users, dtype=np.int64)
    left[users] = np.clip(np.diff(history.indptr)[users] - KEPT, 0, most)
    return left


def query_users(history: TrainHistory, settings: RankSettings, seed: int) -> NDArray[np.int64]:
    """The users whose last training interactions teach, in random order."""
    able = np.flatnonzero(np.diff(history.indptr) > KEPT)
    return np.random.default_rng([seed, 9]).permutation(able)[: settings.most_users]


def held_out_users(chosen: NDArray[np.int64], settings: RankSettings) -> NDArray[np.int64]:
    """Those of the chosen users whose queries end the training."""
    return chosen[: max(1, int(settings.holdout * len(chosen)))]


def most_queries(history: TrainHistory, settings: RankSettings, seed: int) -> tuple[int, int]:
    """How many queries there can be to learn from, and to check with, if the recommender finds every target."""
    chosen = query_users(history, settings, seed)
    left = last_interactions(history, chosen, settings.positions)
    held = int(left[held_out_users(chosen, settings)].sum())
    return int(left.sum()) - held, held


def too_few(settings: RankSettings, learnt: int, held: int, *, counted_at_most: bool = False) -> str:
    """What to do about too few queries.

    Args:
        settings: Settings of the ranker.
        learnt: Queries to learn from.
        held: Queries to check with.
        counted_at_most: Whether these are all there can be, so that more candidates would find no others.
    """
    more = "rank.positions" if counted_at_most else "rank.candidates or rank.positions"
    return (
        f"rank.use: {settings.use} found {learnt} training interactions to learn from and {held} to check with, and "
        f"needs {FEWEST} of each: raise {more}, or set rank.use: off."
    )
