"""Sampling of negative items."""

from __future__ import annotations

import numpy as np

from recbole_curec.data.history import TrainHistory

_TRIES = 100


def negative_item(history: TrainHistory, user: int, rng: np.random.Generator) -> int:
    """A training item the user does not have, drawn by popularity so that popularity does not give it away.

    A user who has every item gets one of their own; such a user has no negatives.
    """
    own = history.of_user(user)
    for _ in range(_TRIES):
        item = int(history.items[rng.integers(history.n_interactions)])
        if item not in own:
            return item
    others = np.setdiff1d(np.unique(history.items), own)
    return int(rng.choice(others)) if len(others) else int(own[0])
