"""Features of a checkpoint: their sizes alone, since the checkpoint's weights bring the vectors themselves."""

from __future__ import annotations

from typing import Any

import torch

from recbole_curec.data.history import TrainHistory
from recbole_curec.features.store import FeatureSet

_RESTORED = "curec_restored"


def restore_features(config: Any, dim: int) -> None:
    """Let a config's datasets hand out features of a checkpoint's size instead of running the stages.

    Args:
        config: RecBole's config.
        dim: Size of a vector.
    """
    config.__dict__[_RESTORED] = dim


def restored_features(config: Any, history: TrainHistory) -> FeatureSet | None:
    """Zero vectors of a checkpoint's size; None where the config was not read from one."""
    dim = config.__dict__.get(_RESTORED)
    if dim is None:
        return None
    return FeatureSet(item=torch.zeros(history.n_items, dim), user=torch.zeros(history.n_users, dim))
