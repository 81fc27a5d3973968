"""A RecBole dataset with exact time order and access to the training history: the base of every dataset of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.dataset import Dataset

from recbole_curec.data.history import TrainHistory
from recbole_curec.plugin.checks.filters import check_filters
from recbole_curec.plugin.dataset_checks import check_dataset_files
from recbole_curec.plugin.interaction_tables import OrderedRows, exact_ranks


class ExactOrder(Dataset):  # type: ignore[misc]
    """Checks before loading, and orders interactions by their exact time; RecBole rounds timestamps to float32."""

    inter_feat: Any  # a DataFrame while loading, one of our interaction tables afterwards

    def __init__(self, config: Any) -> None:
        check_dataset_files(config)
        check_filters(config)
        super().__init__(config)

    def _normalize(self) -> None:
        # From here on no interaction is dropped, and timestamps still have the file's float64 values.
        times = self.inter_feat[self.time_field].to_numpy() if self.time_field in self.inter_feat else None
        self._ranks = torch.arange(len(self.inter_feat)) if times is None else exact_ranks(times)
        super()._normalize()

    def _change_feat_format(self) -> None:
        Dataset._change_feat_format(self)
        self.inter_feat = OrderedRows(self.inter_feat.interaction, self._ranks, self.time_field)

    def build(self) -> list[Any]:
        """Split as RecBole does.

        Raises:
            DataError: The training split is empty.
        """
        splits: list[Any] = super().build()
        splits[0].train_history()  # raises the DataError
        return splits

    def train_history(self) -> TrainHistory:
        """The interactions of this split that the recommender learns from, sorted by (user, exact time).

        To be called on the training split: each split returns its own interactions. Labels make no difference, because
        they make none to RecBole's recommenders.
        """
        return self._history_of(self._sorted_rows())

    def praised_history(self) -> TrainHistory:
        """The part of :meth:`train_history` that reasons praise: all of it."""
        return self.train_history()

    def _sorted_rows(self) -> OrderedRows:
        """All interactions of this split; in the order of the file if there is no time field."""
        order = np.lexsort((self.inter_feat.ranks.numpy(), self.inter_feat[self.uid_field].numpy()))
        rows: OrderedRows = self.inter_feat[order]
        return rows

    def interacting(self, field: str) -> NDArray[np.str_]:
        """Original ids of the users or items that have an interaction; RecBole also knows ids of side files.

        To be called before :meth:`build`.

        Args:
            field: Name of the user id or the item id.
        """
        ids = np.unique(self.inter_feat[field].to_numpy())
        tokens: NDArray[np.str_] = np.asarray(self.field2id_token[field], dtype=np.str_)[ids]
        return tokens

    def _history_of(self, rows: OrderedRows) -> TrainHistory:
        """History of interactions that are sorted by (user, exact time)."""
        users, items = (rows[field].numpy() for field in (self.uid_field, self.iid_field))
        return TrainHistory(
            indptr=np.concatenate([[0], np.cumsum(np.bincount(users, minlength=self.user_num))]),
            items=items,
            n_items=self.item_num,
            user_tokens=np.asarray(self.field2id_token[self.uid_field], dtype=np.str_),
            item_tokens=np.asarray(self.field2id_token[self.iid_field], dtype=np.str_),
        )
