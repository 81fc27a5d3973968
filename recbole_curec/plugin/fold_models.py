"""Recommenders that have not seen the last training interactions of some users."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.utils import create_samplers, get_dataloader

from recbole_curec.data.history import TrainHistory
from recbole_curec.features.store import FeatureSet
from recbole_curec.plugin.interaction_tables import SequenceRows
from recbole_curec.plugin.new_trainers import close_events, new_trainer


def without_last(training: Any, left: NDArray[np.int64]) -> Any:
    """The training split without the last interactions of some users, as a dataset of its own.

    Vectors of users that show what was left out are made again: the mean of the vectors of the items that stay.

    Args:
        training: Dataset of the training split, one of ours.
        left: Interactions to leave out of every user, shape ``(n_users,)``.
    """
    rows = training.inter_feat
    users = rows[training.uid_field].numpy()
    thinned = training.copy(rows[_positions(rows, users) < _lengths(training)[users] - left[users]])
    if training.features is not None:
        thinned.features = _features(training.features, thinned.train_history(), left > 0)
    return thinned


def _lengths(training: Any) -> NDArray[np.int64]:
    return np.asarray(np.diff(training.train_history().indptr))


def _positions(rows: Any, users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of every row in its user's training history; the rows of a sequential model lack each user's first."""
    order = np.lexsort((rows.ranks.numpy(), users))
    starts = np.searchsorted(users[order], users[order])
    found = np.empty(len(users), dtype=np.int64)
    found[order] = np.arange(len(users)) - starts
    return found + isinstance(rows, SequenceRows)


def _features(whole: FeatureSet, history: TrainHistory, changed: NDArray[np.bool_]) -> FeatureSet:
    sums = torch.zeros(history.n_users, whole.item.shape[1])
    sums.index_add_(0, torch.from_numpy(history.users), whole.item[torch.from_numpy(history.items)].float())
    users = whole.user.clone()
    chosen = torch.from_numpy(changed)
    users[chosen] = torch.nn.functional.normalize(sums[chosen], dim=1, eps=1e-8).to(users)
    return replace(whole, user=users)


def train_without(config: Any, training: Any, left: NDArray[np.int64], epochs: int) -> tuple[Any, Any]:
    """Train a recommender over what stays of the training split, with the settings of the run.

    Args:
        config: RecBole's config of the run.
        training: Dataset of the training split.
        left: Interactions to leave out of every user, shape ``(n_users,)``.
        epochs: Epochs; nothing is validated and nothing saved.

    Returns:
        The model, in evaluation mode, and the dataset it was trained on.
    """
    thinned = without_last(training, left)
    sampler = create_samplers(config, thinned, [thinned, thinned, thinned])[0]
    loader = get_dataloader(config, "train")(config, thinned, sampler, shuffle=config["shuffle"])
    trainer = new_trainer(config, loader)
    trainer.epochs = epochs
    try:
        trainer.fit(loader, None, verbose=False, saved=False, show_progress=config["show_progress"])
    finally:
        close_events(trainer)
    trainer.model.eval()
    return trainer.model, thinned
