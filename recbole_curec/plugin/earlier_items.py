"""What every user had taken before each row of an evaluation split of a sequential model, however long ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.plugin.histories import known_histories
from recbole_curec.plugin.interaction_tables import SequenceRows

_SPLITS, _FOUND = "curec_splits", "curec_earlier_items"


@dataclass(frozen=True)
class EarlierItems:
    """The history of every row of a split: a stretch of one flat array.

    Attributes:
        items: Items of all histories, internal ids.
        starts: Where the history of a row begins in them, shape ``(N,)``.
        ends: Where it ends, shape ``(N,)``.
    """

    items: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def index(self, rows: Any, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The scores that a list without the history leaves out, as an index into them: row of the batch, and item.

        The row's own target is never left out, also where the user had taken it before.

        Args:
            rows: Rows of the split, shape ``(B,)``.
            targets: Item of each, shape ``(B,)``.
        """
        starts = self.starts[rows]
        lengths = self.ends[rows] - starts
        place = np.repeat(np.arange(len(starts)), lengths)
        within = np.arange(len(place)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        items = self.items[starts[place] + within]
        kept = items != targets.cpu().numpy()[place]
        return torch.from_numpy(place[kept]), torch.from_numpy(items[kept])


def note_splits(splits: Sequence[Any]) -> None:
    """Let every split of RecBole's sequential data know the others, which hold what its truncated lists lack."""
    for split in splits:
        if hasattr(split, "item_list_length_field"):
            setattr(split, _SPLITS, splits)


def earlier_items(dataset: Any) -> EarlierItems:
    """The histories of a split, computed at the first call.

    Args:
        dataset: A split of sequential data, ours or RecBole's. With ``benchmark_filename`` a row's history is the list
            that its file gives.
    """
    found: EarlierItems | None = vars(dataset).get(_FOUND)
    if found is None:
        found = _earlier_items(dataset)
        setattr(dataset, _FOUND, found)
    return found


def _earlier_items(dataset: Any) -> EarlierItems:
    rows = dataset.inter_feat
    users = rows[dataset.uid_field].numpy()
    if isinstance(rows, SequenceRows):
        counts = np.bincount(rows.flat[dataset.uid_field].numpy(), minlength=dataset.user_num)
        starts = np.concatenate([[0], np.cumsum(counts)])[users]
        return EarlierItems(rows.flat[dataset.iid_field].numpy(), starts, rows.flat_index.numpy())
    if dataset.config["benchmark_filename"] is not None:
        lists = rows[getattr(dataset, f"{dataset.iid_field}_list_field")].numpy()  # (N, L)
        starts = np.arange(len(lists)) * lists.shape[1]
        return EarlierItems(lists.ravel(), starts, starts + rows[dataset.item_list_length_field].numpy())
    splits = getattr(dataset, _SPLITS)
    histories = known_histories(splits)
    before = _rows_before([split.inter_feat[split.uid_field].numpy() for split in splits])
    own = before[next(number for number, split in enumerate(splits) if split is dataset)]
    starts = histories.indptr[users]
    return EarlierItems(histories.items, starts, starts + own + 1)  # a user's first item is the target of no row


def _rows_before(users: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """How many rows of the same user come before each row, in the order of the splits."""
    together = np.concatenate(users)
    order = np.argsort(together, kind="stable")
    grouped = together[order]
    opening = np.flatnonzero(np.diff(grouped, prepend=-1))
    counts = np.empty(len(together), dtype=np.int64)
    counts[order] = np.arange(len(together)) - np.repeat(opening, np.diff(opening, append=len(together)))
    return np.split(counts, np.cumsum([len(part) for part in users])[:-1])
