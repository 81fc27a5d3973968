"""Scores as dot products of user and item vectors, for search over millions of items by an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class DotProducts:
    """Vectors whose dot products are a model's scores.

    Attributes:
        items: Shape ``(n_items, H)``; row 0 is padding.
        users: Gives the vectors of a batch of users, shape ``(B, H)``.
    """

    items: torch.Tensor
    users: Callable[[Any], torch.Tensor]
