"""Queries of the ranker: from the training split to learn from, and from RecBole's other splits to measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.plugin.earlier_items import earlier_items
from recbole_curec.plugin.interaction_tables import SequenceRows
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.ranking.candidates import Queries


@dataclass(frozen=True)
class TrainingQueries:
    """One training interaction per query, with what its user took before.

    Attributes:
        queries: Users and pasts.
        targets: Item of each, shape ``(Q,)``.
    """

    queries: Queries
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.queries)


def training_queries(
    history: TrainHistory, praised: TrainHistory, left: NDArray[np.int64], explained: frozenset[tuple[int, int]]
) -> TrainingQueries:
    """Queries for the interactions that a fold's recommender has not seen.

    Left out are interactions with an item that the user had taken before, which is no candidate; those below a
    threshold, which nobody wants at the top; and those that a reason was written about, since the item's vector shows
    that reason.

    Args:
        history: The training split.
        praised: The part of it that is at or above the threshold.
        left: Last interactions of every user that the recommender has not seen, shape ``(n_users,)``.
        explained: Users and items that a reason was written about.
    """
    users, pasts, targets = [], [], []
    for user in np.flatnonzero(left).tolist():
        taken, wanted = history.of_user(user), set(praised.of_user(user).tolist())
        for position in range(len(taken) - int(left[user]), len(taken)):
            target, past = int(taken[position]), taken[:position]
            if target in wanted and (user, target) not in explained and target not in past:
                users.append(user)
                pasts.append(past)
                targets.append(target)
    return TrainingQueries(Queries(np.array(users, dtype=np.int64), pasts), np.array(targets, dtype=np.int64))


@dataclass(frozen=True)
class SplitQueries:
    """What RecBole evaluates on a split, in the order of its loader.

    Attributes:
        queries: One per row of scores: user and everything taken before, however long.
        targets: Items of each that are to be found.
    """

    queries: Queries
    targets: Sequence[NDArray[np.int64]]

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.queries)


def split_queries(splits: tuple[Any, Any, Any], number: int) -> SplitQueries:
    """The queries of RecBole's validation (1) or test split (2).

    Args:
        splits: RecBole's loaders, over datasets of ours, full ranking.
        number: Which split.
    """
    datasets = [dataset_of(loader) for loader in splits]
    if isinstance(datasets[number].inter_feat, SequenceRows):
        return _of_rows(datasets[number])
    return _of_users(datasets, splits[number], number)


def _of_rows(dataset: Any) -> SplitQueries:
    """A sequential model's: one per interaction."""
    rows, earlier = dataset.inter_feat, earlier_items(dataset)
    users, items = (rows[field].numpy() for field in (dataset.uid_field, dataset.iid_field))
    pasts = [
        earlier.items[start:end] for start, end in zip(earlier.starts.tolist(), earlier.ends.tolist(), strict=True)
    ]
    return SplitQueries(Queries(users.astype(np.int64), pasts), [items[row : row + 1] for row in range(len(items))])


def _of_users(datasets: Sequence[Any], loader: Any, number: int) -> SplitQueries:
    """A general model's: one per user, with all items of the split."""
    first = datasets[0]
    tables = [dataset.inter_feat for dataset in datasets[: number + 1]]
    users, items = (
        np.concatenate([table[field].numpy() for table in tables]) for field in (first.uid_field, first.iid_field)
    )
    ranks = np.concatenate([table.ranks.numpy() for table in tables])
    part = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    order = np.lexsort((ranks, users))
    users, items, part = users[order], items[order], part[order]
    ends = np.searchsorted(users, np.arange(first.user_num + 1))
    asked = loader.uid_list.numpy().astype(np.int64)
    pasts, targets = [], []
    for user in asked.tolist():
        own, of = items[ends[user] : ends[user + 1]], part[ends[user] : ends[user + 1]]
        pasts.append(own[of < number])
        targets.append(np.unique(own[of == number]))
    return SplitQueries(Queries(asked, pasts), targets)
