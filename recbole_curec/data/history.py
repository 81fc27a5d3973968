"""The training history: the training split as one flat, time-ordered table, the only interactions of stages 1-6."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import DataError


@dataclass(frozen=True)
class TrainHistory:
    """Training interactions of every user, in exact time order (timestamp, then file row).

    Users and items are RecBole's internal ids (0 is padding). Interaction ``k`` of user ``u`` is row
    ``indptr[u] + k``; ``k`` is its *position*, and a reason for it may use rows ``indptr[u] .. indptr[u] + k - 1``.

    Attributes:
        indptr: Row offsets per user, shape ``(n_users + 1,)``.
        items: Item ids, shape ``(n_interactions,)``.
        n_items: Size of the item table, padding included.
        user_tokens: Original user ids by internal id, shape ``(n_users,)``.
        item_tokens: Original item ids by internal id, shape ``(n_items,)``.
        reviews: Review of every interaction, empty if there is none, shape ``(n_interactions,)``; None unless the
            teacher reads reviews.
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int64]
    n_items: int
    user_tokens: NDArray[np.str_]
    item_tokens: NDArray[np.str_]
    reviews: NDArray[np.object_] | None = None

    def __post_init__(self) -> None:
        """Check that offsets and ids agree."""
        if len(self.items) == 0:
            raise DataError(
                "The training split is empty: check eval_args.split and the filters (user_inter_num_interval, "
                "item_inter_num_interval, val_interval)."
            )
        if self.indptr[-1] != len(self.items) or self.items.min() < 1 or self.items.max() >= self.n_items:
            raise DataError(
                f"The training history is inconsistent: {len(self.items)} interactions, but offsets end at "
                f"{self.indptr[-1]}; this is a fault of the dataset class, not of the data."
            )

    @property
    def n_users(self) -> int:
        """Number of users, padding included."""
        return len(self.indptr) - 1

    @property
    def n_interactions(self) -> int:
        """Number of training interactions."""
        return len(self.items)

    @property
    def users(self) -> NDArray[np.int64]:
        """User id of every row, shape ``(n_interactions,)``."""
        return np.repeat(np.arange(self.n_users), np.diff(self.indptr))

    @property
    def positions(self) -> NDArray[np.int64]:
        """Position of every row in its user's history, shape ``(n_interactions,)``."""
        return np.arange(self.n_interactions) - self.indptr[self.users]

    @property
    def population(self) -> TrainHistory:
        """The interactions that counts over all users are made of: these."""
        return self

    def counted_as(self, user: int) -> int:
        """The user of :attr:`population` whose interactions its counts hold: the same."""
        return user

    def digest(self) -> str:
        """SHA-256 of offsets and items, in this history's internal ids."""
        digest = hashlib.sha256(np.ascontiguousarray(self.indptr, dtype="<i8").tobytes())
        digest.update(np.ascontiguousarray(self.items, dtype="<i8").tobytes())
        return digest.hexdigest()

    def interaction(self, row: int) -> tuple[int, int, int]:
        """User, item and position of a row."""
        user = int(np.searchsorted(self.indptr, row, side="right") - 1)
        return user, int(self.items[row]), int(row - self.indptr[user])

    def of_user(self, user: int) -> NDArray[np.int64]:
        """All training items of a user, oldest first."""
        return self.items[self.indptr[user] : self.indptr[user + 1]]

    def before(self, user: int, position: int) -> NDArray[np.int64]:
        """The items a reason for ``(user, position)`` may use: strictly earlier ones, oldest first."""
        return self.of_user(user)[:position]

    def reindex(self, item_index: dict[str, int], n_items: int) -> TrainHistory:
        """The same history with internal ids that depend only on the training split and the item file.

        RecBole numbers users and items by first appearance in the whole file, validation and test interactions
        included, on which artifacts must not depend. Users are numbered by sorted original id, items by ``item_index``.

        Args:
            item_index: New item id by original id.
            n_items: Size of the new item table, padding included.
        """
        active = np.flatnonzero(np.diff(self.indptr))
        order = active[np.argsort(self.user_tokens[active], kind="stable")]
        lengths = np.diff(self.indptr)[order]
        indptr = np.concatenate([[0, 0], np.cumsum(lengths)]).astype(np.int64)
        rows = np.repeat(self.indptr[order] - indptr[1:-1], lengths) + np.arange(indptr[-1])
        new_id = np.zeros(self.n_items, dtype=np.int64)
        for old in np.unique(self.items):
            new_id[old] = item_index[str(self.item_tokens[old])]
        tokens = np.array([""] * n_items, dtype=object)
        for token, position in item_index.items():
            tokens[position] = token
        return TrainHistory(
            indptr=indptr,
            items=new_id[self.items[rows]],
            n_items=n_items,
            user_tokens=np.concatenate([[""], self.user_tokens[order]]).astype(str),
            item_tokens=tokens.astype(str),
            reviews=None if self.reviews is None else self.reviews[rows],
        )
