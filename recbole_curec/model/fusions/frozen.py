"""``fusion: frozen``: projected features without id vectors."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.fusion import Fusion, FusionStart, scale_to


@FUSIONS.register
class FrozenFusion(Fusion):
    """``W s``; nothing is learned per item, so new items need no training.

    Rows beyond the features are special tokens (such as a mask) and have vectors of their own.
    """

    name: ClassVar[str] = "frozen"
    has_table: ClassVar[bool] = False
    can_align: ClassVar[bool] = False

    def build(self, start: FusionStart) -> None:
        """Make the map of the features, and vectors of the special tokens."""
        beyond = start.original[start.n_features :].clone()
        self.special = nn.Parameter(beyond) if len(beyond) else None
        self.projection = nn.Linear(start.semantic.shape[1], self.embedding_dim, bias=False)
        scale = scale_to(start.semantic @ start.mapping, start.spread)
        self.projection.weight.data = (start.mapping * scale).T.contiguous()

    @property
    def reads_rows(self) -> bool:
        """False with special tokens, which are appended to the whole table."""
        return self.special is None

    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """Projected features, with the special tokens at the end of the whole table."""
        projected: torch.Tensor = self.projection(semantic)
        return projected if self.special is None else torch.cat([projected[: -len(self.special)], self.special])
