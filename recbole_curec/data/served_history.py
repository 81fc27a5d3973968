"""What users have taken by now, beside the training history that every count over the population is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory


@dataclass(frozen=True)
class ServedHistory(TrainHistory):
    """The training history, followed by the present histories of some users, each under a further user id.

    Reasons for a recommendation rest on what the user has taken by now. What other users did stays what training saw:
    counts are made of :attr:`population` alone, from which a known user's own training interactions are taken out.

    Attributes:
        training: The training history.
        trained_as: Training user of every user id, 0 for a user who was not in training, shape ``(n_users,)``.
    """

    training: TrainHistory = field(kw_only=True)
    trained_as: NDArray[np.int64] = field(kw_only=True)

    @property
    def population(self) -> TrainHistory:
        """The training history."""
        return self.training

    def counted_as(self, user: int) -> int:
        """The training user whose interactions the counts of the population hold; 0 for nobody."""
        return int(self.trained_as[user])

    @classmethod
    def of(
        cls, training: TrainHistory, histories: Sequence[NDArray[np.int64]], tokens: Sequence[str], users: Sequence[int]
    ) -> ServedHistory:
        """Append histories.

        Args:
            training: The training history.
            histories: Items of each served user, oldest first, in the training history's ids.
            tokens: Original id of each served user.
            users: Training user of each, 0 for a user who was not in training.
        """
        lengths = np.array([len(one) for one in histories], dtype=np.int64)
        reviews = training.reviews
        if reviews is not None:
            reviews = np.concatenate(
                [reviews, *(_reviews(training, *one) for one in zip(histories, users, strict=True))]
            )
        added = np.concatenate([np.asarray(one, dtype=np.int64) for one in histories]) if len(histories) else lengths
        return cls(
            indptr=np.concatenate([training.indptr, training.indptr[-1] + np.cumsum(lengths)]),
            items=np.concatenate([training.items, added]),
            n_items=training.n_items,
            user_tokens=np.concatenate([training.user_tokens, np.asarray(tokens, dtype=object)]).astype(str),
            item_tokens=training.item_tokens,
            reviews=reviews,
            training=training,
            trained_as=np.concatenate([np.arange(training.n_users), np.asarray(users, dtype=np.int64)]),
        )


def _reviews(training: TrainHistory, items: NDArray[np.int64], user: int) -> NDArray[np.object_]:
    """The training review of every interaction that was in training, which come in the same order; else no text."""
    found = np.full(len(items), "", dtype=object)
    taken, start, row = training.of_user(user), int(training.indptr[user]), 0
    for place, item in enumerate(items if training.reviews is not None else ()):
        if row < len(taken) and taken[row] == item:
            found[place] = training.reviews[start + row]  # type: ignore[index]
            row += 1
    return found
