"""RecBole datasets with exact time order, without a prefix table, and with access to the training history."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.dataset import Dataset, SequentialDataset
from recbole.data.interaction import Interaction

from recbole_curec.data.history import TrainHistory
from recbole_curec.features.store import FeatureSet
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.dataset_checks import check_dataset_files
from recbole_curec.plugin.interaction_tables import OrderedRows, SequenceRows, exact_ranks
from recbole_curec.plugin.restored import restored_features
from recbole_curec.settings.travel import settings_of


class _ExactOrder(Dataset):  # type: ignore[misc]
    """Base of both datasets: checks before loading, exact time ranks, features computed at first access."""

    _features: FeatureSet | None = None
    inter_feat: Any  # a DataFrame while loading, one of our interaction tables afterwards

    def __init__(self, config: Any) -> None:
        check_dataset_files(config)
        super().__init__(config)

    def _normalize(self) -> None:
        # From here on no interaction is dropped, and timestamps still have the file's float64 values.
        times = self.inter_feat[self.time_field].to_numpy() if self.time_field in self.inter_feat else None
        self._ranks = torch.arange(len(self.inter_feat)) if times is None else exact_ranks(times)
        super()._normalize()

    def _change_feat_format(self) -> None:
        Dataset._change_feat_format(self)
        self.inter_feat = OrderedRows(self.inter_feat.interaction, self._ranks, self.time_field)

    @property
    def features(self) -> FeatureSet | None:
        """Semantic features of items and users; None with ``fusion: none``.

        To be read from the training split: the first access runs stages 1 to 6, or reads their existing artifacts.
        """
        if self._features is None and settings_of(self.config).recommend.uses_features:
            history = self.train_history()
            self._features = restored_features(self.config, history)
            if self._features is None:
                from recbole_curec.plugin.features import semantic_features  # imports the language model's libraries

                self._features = semantic_features(self.config, history)
        return self._features

    @features.setter
    def features(self, features: FeatureSet | None) -> None:
        self._features = features

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """The artifacts that the features were made from, by stage; empty before :attr:`features` is read."""
        return dict(self._features.artifacts) if self._features is not None else {}

    def train_history(self) -> TrainHistory:
        """The interactions of this split as a history."""
        raise NotImplementedError

    def build(self) -> list[Any]:
        """Split as RecBole does.

        Raises:
            DataError: The training split is empty.
        """
        splits: list[Any] = super().build()
        splits[0].train_history()  # raises the DataError
        return splits

    def interacting(self, field: str) -> NDArray[np.str_]:
        """Original ids of the users or items that have an interaction; RecBole also knows ids of side files.

        To be called before :meth:`build`.

        Args:
            field: Name of the user id or the item id.
        """
        ids = np.unique(self.inter_feat[field].to_numpy())
        tokens: NDArray[np.str_] = np.asarray(self.field2id_token[field], dtype=np.str_)[ids]
        return tokens

    def _history_of(self, users: NDArray[np.int64], items: NDArray[np.int64]) -> TrainHistory:
        """History of interactions that are sorted by (user, exact time)."""
        return TrainHistory(
            indptr=np.concatenate([[0], np.cumsum(np.bincount(users, minlength=self.user_num))]),
            items=items,
            n_items=self.item_num,
            user_tokens=np.asarray(self.field2id_token[self.uid_field], dtype=np.str_),
            item_tokens=np.asarray(self.field2id_token[self.iid_field], dtype=np.str_),
        )


class CURecGeneralDataset(_ExactOrder):
    """RecBole's ``Dataset`` for ``CURecGeneral``."""

    def train_history(self) -> TrainHistory:
        """The interactions of this split, sorted by (user, exact time); by file row if there is no time field.

        To be called on the training split: each split returns its own interactions.
        """
        users, items = (self.inter_feat[field].numpy() for field in (self.uid_field, self.iid_field))
        order = np.lexsort((self.inter_feat.ranks.numpy(), users))
        return self._history_of(users[order], items[order])


class CURecDataset(_ExactOrder, SequentialDataset):  # type: ignore[misc]
    """RecBole's ``SequentialDataset`` for ``CURec``, without the prefix table.

    Every row equals RecBole's row, except where RecBole's float32 timestamps change the order. Memory grows with the
    interactions, not with interactions times ``MAX_ITEM_LIST_LENGTH``.
    """

    def _change_feat_format(self) -> None:
        super()._change_feat_format()
        self.data_augmentation()

    def data_augmentation(self) -> None:
        """Turn the interactions into prediction targets: every one except the first of each user."""
        self._aug_presets()
        users = self.inter_feat[self.uid_field].numpy()
        flat = self.inter_feat[np.lexsort((self.inter_feat.ranks.numpy(), users))]
        positions = _positions(flat[self.uid_field].numpy())
        targets = torch.from_numpy(np.flatnonzero(positions > 0))
        columns = {field: values[targets] for field, values in flat.interaction.items()}
        columns[self.item_list_length_field] = torch.from_numpy(positions)[targets].clamp(max=self.max_item_list_len)
        list_fields = {
            getattr(self, f"{field}_list_field"): field for field in flat.interaction if field != self.uid_field
        }
        self.inter_feat = SequenceRows(
            flat, targets, columns, list_fields, self.item_list_length_field, self.max_item_list_len
        )

    def __getitem__(self, index: Any, join: bool = True) -> Interaction:
        """Rows with their padded histories, item and user columns joined unless ``join`` is False."""
        rows = self.inter_feat.materialise(index)
        return self.join(rows) if join else rows

    def inter_matrix(self, form: str = "coo", value_field: str | None = None) -> Any:
        """Sparse user-item matrix of this split, shape ``(user_num, item_num)``.

        A user's first interaction is never a target; it belongs to the split of the user's second one.
        """
        rows: SequenceRows = self.inter_feat
        first = rows.flat_index[rows[self.item_list_length_field] == 1] - 1
        index = torch.cat([rows.flat_index, first])
        feat = Interaction({field: values[index] for field, values in rows.flat.interaction.items()})
        return self._create_sparse_matrix(feat, self.uid_field, self.iid_field, form, value_field)

    def train_history(self) -> TrainHistory:
        """Every user's interactions from the first one to the last target of this split, in exact order.

        To be called on the training split. Users without a target in it have an empty history.
        """
        rows: SequenceRows = self.inter_feat
        users, items = (rows.flat[field].numpy() for field in (self.uid_field, self.iid_field))
        last = np.full(self.user_num, -1, dtype=np.int64)
        np.maximum.at(last, rows[self.uid_field].numpy(), rows.flat_index.numpy())
        keep = np.arange(len(users)) <= last[users]
        return self._history_of(users[keep], items[keep])


def dataset_of(loader: Any) -> Any:
    """The split that one of RecBole's loaders reads; the loader of knowledge graphs has it under no other name."""
    return loader._dataset


def _positions(users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of every interaction within its user, for interactions sorted by user."""
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    return np.arange(len(users)) - np.repeat(starts, np.diff(starts, append=len(users)))
