"""Queries, and the first items of a recommender for each: the candidates that are ranked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True)
class Queries:
    """Users at one moment each.

    Attributes:
        users: User of the training history whose own interactions are taken out of every count, 0 for a new user,
            shape ``(Q,)``.
        pasts: Items that the user has taken before that moment, oldest first, one array per query.
    """

    users: NDArray[np.int64]
    pasts: Sequence[NDArray[np.int64]]

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.users)

    def part(self, rows: slice) -> Queries:
        """The queries of some rows."""
        return Queries(self.users[rows], self.pasts[rows])


@dataclass(frozen=True)
class Candidates:
    """The best items of a recommender for some queries, best first.

    Attributes:
        items: Item ids, shape ``(Q, N)``; 0 where a query has fewer than ``N``.
        scores: The recommender's scores, shape ``(Q, N)``; minus infinity where there is no item.
    """

    items: NDArray[np.int64]
    scores: NDArray[np.float64]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Where there is an item, shape ``(Q, N)``."""
        return self.items > 0

    def places_of(self, targets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Column of one item per query, shape ``(Q,)``; -1 where it is not among the candidates."""
        found = (self.items == targets[:, None]) & self.there
        return np.where(found.any(axis=1), found.argmax(axis=1), -1)


def without_history(scores: torch.Tensor, pasts: Sequence[NDArray[np.int64]]) -> torch.Tensor:
    """A copy of scores in which neither padding nor an item of the past can be chosen.

    Args:
        scores: Shape ``(B, n_items)``.
        pasts: Items taken by the user of each row.
    """
    left = scores.clone()
    left[:, 0] = -torch.inf
    rows = torch.from_numpy(np.repeat(np.arange(len(pasts)), [len(past) for past in pasts]))
    if len(rows):
        items = torch.from_numpy(np.concatenate(pasts))
        left[rows.to(left.device), items.to(left.device)] = -torch.inf
    return left


def best_candidates(scores: torch.Tensor, pasts: Sequence[NDArray[np.int64]], count: int) -> Candidates:
    """The best items that the users have not taken.

    Nothing else is ever put among them: an item that the recommender does not find cannot be ranked up.

    Args:
        scores: Scores of every item, shape ``(B, n_items)``.
        pasts: Items taken by the user of each row.
        count: Candidates per row.
    """
    left = without_history(scores, pasts)
    best = torch.topk(left, min(count, left.shape[1]), dim=1)
    values = best.values.double().cpu().numpy()
    items = np.where(np.isfinite(values), best.indices.cpu().numpy(), 0)
    return Candidates(items.astype(np.int64), np.where(items > 0, values, -np.inf))
