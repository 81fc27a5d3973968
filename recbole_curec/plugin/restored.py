"""Placeholder features for loading a checkpoint: zeros of the right size, since its weights contain the vectors."""

from __future__ import annotations

from typing import Any

import torch

from recbole_curec.data.history import TrainHistory
from recbole_curec.features.store import FeatureSet

_RESTORED = "curec_restored"


def restore_features(config: Any, dim: int) -> None:
    """Make a config's datasets use placeholder features instead of running the stages.

    Args:
        config: RecBole's config.
        dim: Size of a vector.
    """
    config.__dict__[_RESTORED] = dim


def restored_features(config: Any, history: TrainHistory) -> FeatureSet | None:
    """Zero vectors of the size set by :func:`restore_features`; None for a config that was not loaded from a file."""
    dim = restored_dim(config)
    if dim is None:
        return None
    return FeatureSet(item=torch.zeros(history.n_items, dim), user=torch.zeros(history.n_users, dim))


def restored_dim(config: Any) -> int | None:
    """The size set by :func:`restore_features`; None for a config that was not loaded from a file."""
    dim: int | None = config.__dict__.get(_RESTORED)
    return dim
