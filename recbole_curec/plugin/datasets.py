"""The datasets of the models that wrap a backbone: their features, and histories without a prefix table."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from recbole.data.dataset import SequentialDataset
from recbole.data.interaction import Interaction

from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import DataError
from recbole_curec.features.store import FeatureSet
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.exact_order import ExactOrder
from recbole_curec.plugin.interaction_tables import OrderedRows, SequenceRows
from recbole_curec.plugin.restored import restored_features
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)


class _Featured(ExactOrder):
    """Base of both datasets: features computed at first access, and what of the history reasons praise."""

    _features: FeatureSet | None = None
    _labelled = False  # whether interactions have labels, 0 or 1

    def _normalize(self) -> None:
        # Seen before RecBole normalises: it turns ratings into numbers up to 1, and a column of equal values into ones.
        labels = self.inter_feat[self.label_field] if self.label_field in self.inter_feat else pd.Series([2.0])
        self._labelled = bool(labels.isin((0, 1)).all() and labels.any())
        super()._normalize()

    @property
    def features(self) -> FeatureSet | None:
        """Semantic features of items and users; None with ``fusion: none``.

        To be read from the training split: the first access runs stages 1 to 6, or reads their existing artifacts.
        """
        if self._features is None and settings_of(self.config).uses_features:
            history = self.praised_history()
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

    def praised_history(self) -> TrainHistory:
        """The part of :meth:`train_history` that reasons praise, and that all their evidence is counted on.

        With ``threshold``, or a column of labels that are 0 or 1, interactions with label 0 are left out: they are in
        no prompt, no count and no reward as something that the user wanted. An item whose only interactions with a user
        are below the threshold is like one that the user has not taken: it may be drawn as a negative for the user,
        which the rating says it is, and the user is no fan of it.

        Raises:
            DataError: No interaction is left.
        """
        rows = self._sorted_rows()
        if not self._labelled:
            return self._history_of(rows)
        praised = rows[rows[self.label_field] > 0]
        if not len(praised):
            raise DataError(
                f"Every training interaction has {self.label_field} 0, so there is nothing that reasons could praise: "
                f"lower threshold (now {self.config['threshold']}), or set fusion: none."
            )
        return self._history_of(praised)

    def build(self) -> list[Any]:
        """Split as RecBole does.

        Raises:
            DataError: The training split is empty, or has no interaction that reasons could praise.
        """
        splits = super().build()
        if self._labelled and settings_of(self.config).uses_features:
            total = splits[0].train_history().n_interactions
            below = total - splits[0].praised_history().n_interactions
            chosen = self.config["threshold"]
            why = "are below threshold " + _shown(chosen) if chosen else f"have {self.label_field} 0"
            logger.info("%d of %d training interactions %s and are not used for reasons", below, total, why)
        return splits


class CURecGeneralDataset(_Featured):
    """RecBole's ``Dataset`` for ``CURecGeneral``."""


class CURecDataset(_Featured, SequentialDataset):  # type: ignore[misc]
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

    def _sorted_rows(self) -> OrderedRows:
        """Every user's interactions from the first one to the last target of this split.

        Users without a target in it have none.
        """
        rows: SequenceRows = self.inter_feat
        users = rows.flat[self.uid_field].numpy()
        last = np.full(self.user_num, -1, dtype=np.int64)
        np.maximum.at(last, rows[self.uid_field].numpy(), rows.flat_index.numpy())
        kept: OrderedRows = rows.flat[np.arange(len(users)) <= last[users]]
        return kept


def _shown(threshold: Any) -> str:
    ((field, number),) = threshold.items()
    return f"{field}: {number}"


def _positions(users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of every interaction within its user, for interactions sorted by user."""
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    return np.arange(len(users)) - np.repeat(starts, np.diff(starts, append=len(users)))
