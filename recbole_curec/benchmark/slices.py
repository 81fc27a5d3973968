"""Slices of items (head, tail, cold) by their number of training interactions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SLICES = ("head", "tail", "cold")
HEAD_SHARE = 0.2


def training_counts(dataset: Any) -> NDArray[np.int64]:
    """Training interactions of every item, shape ``(n_items,)``.

    Args:
        dataset: Training split of one of our datasets or of RecBole's.
    """
    if hasattr(dataset, "train_history"):
        items = dataset.train_history().items
    else:
        rows = dataset.inter_feat
        items = rows[dataset.iid_field].numpy()
        length = getattr(dataset, "item_list_length_field", None)
        if length in rows:
            # RecBole's sequential tables hold prediction targets; a user's first item occurs only as an input.
            lists = rows[getattr(dataset, f"{dataset.iid_field}_list_field")]
            items = np.concatenate([items, lists[rows[length] == 1][:, 0].numpy()])
    return np.bincount(items, minlength=dataset.item_num)


def item_slices(counts: NDArray[np.int64], tokens: NDArray[np.str_]) -> NDArray[np.str_]:
    """Slice of every item, shape ``(n_items,)``.

    ``head``: the 20 % of the trained items with the most training interactions; equal counts are ordered by original
    id. ``tail``: all other items with at least one. ``cold``: items without any.
    """
    slices = np.full(len(counts), "cold", dtype="<U4")
    order = sorted(np.flatnonzero(counts), key=lambda item: (-counts[item], str(tokens[item])))
    n_head = int(np.ceil(HEAD_SHARE * len(order)))
    slices[order[:n_head]] = "head"
    slices[order[n_head:]] = "tail"
    return slices
