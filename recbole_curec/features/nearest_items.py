"""How well the texts of items alone find the next item of a history: the items nearest to the last ones.

Nothing is trained. The figure is a cheap stand-in for what a text is worth to a recommender: for every user the query
is the mean of the unit vectors of the last items, every item of the catalog that the user has not taken is ranked by
its cosine with the query, and Recall@k is the share of users whose next item is among the first ``k``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

RECENT, TOP = 5, 10
# More users than this do not change the figure by what matters, and are drawn at random.
_MOST_USERS = 5_000
_AT_ONCE = 256


@dataclass(frozen=True)
class NextItems:
    """One item to be found per user, and the items taken before it.

    Attributes:
        before: Item ids of every user before the target, oldest first, never empty.
        targets: Item id to be found, one per user, shape ``(n_users,)``; not among those before it.
    """

    before: list[NDArray[np.int64]]
    targets: NDArray[np.int64]

    @classmethod
    def of(cls, before: list[NDArray[np.int64]], targets: NDArray[np.int64]) -> NextItems:
        """Leave out users without an earlier item, and those who had taken the target before."""
        kept = [row for row, taken in enumerate(before) if len(taken) and targets[row] not in taken]
        return cls([before[row] for row in kept], targets[kept])

    @classmethod
    def of_training(cls, history: TrainHistory, seed: int) -> NextItems:
        """The last *training* item of every user as target, and the training items before it.

        Validation and test interactions are not read: what a stage writes must not depend on them.

        Args:
            history: The training split.
            seed: Draws the users where there are very many.
        """
        users = np.arange(1, history.n_users)
        if len(users) > _MOST_USERS:
            users = np.sort(np.random.default_rng([seed, 8, 1]).choice(users, _MOST_USERS, replace=False))
        taken = [history.of_user(int(user)) for user in users]
        return cls.of([one[:-1] for one in taken], np.array([one[-1] for one in taken], dtype=np.int64))


def recall_of_nearest(
    vectors: NDArray[np.float32], wanted: NextItems, *, recent: int = RECENT, top: int = TOP
) -> float:
    """Recall@``top`` of the items whose vectors are nearest to the mean of a user's last ``recent`` ones.

    An item that is exactly as near as the target counts as before it, so that equal vectors find nothing.

    Args:
        vectors: Vectors of item ids 1 onwards, shape ``(n_items - 1, D)``; a zero vector is near to nothing.
        wanted: The items to find; those before them are left out of the candidates.
        recent: Items of the query.
        top: Length of the list.

    Returns:
        Share of users whose target is in the list; 0 without users.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float64)
    hits = 0
    for start in range(0, len(wanted.targets), _AT_ONCE):
        before, targets = wanted.before[start : start + _AT_ONCE], wanted.targets[start : start + _AT_ONCE] - 1
        queries = np.stack([units[taken[-recent:] - 1].mean(axis=0) for taken in before])
        scores = queries @ units.T  # (B, n_items - 1)
        own = scores[np.arange(len(targets)), targets]
        for row, taken in enumerate(before):
            scores[row, taken - 1] = -np.inf
        ahead = (scores >= own[:, None]).sum(axis=1) - 1
        hits += int((ahead < top).sum())
    return hits / max(len(wanted.targets), 1)
