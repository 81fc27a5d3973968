"""Fusions as a user would write them, outside the package."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from recbole_curec.model.fusions.fusion import Fusion, FusionStart


class SumFusion(Fusion):
    """Id vectors plus mapped features."""

    name: ClassVar[str] = "sum"

    def build(self, start: FusionStart) -> None:
        """The map."""
        self.map = nn.Linear(start.semantic.shape[1], self.embedding_dim, bias=False)

    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """Their sum."""
        assert table is not None
        mixed: torch.Tensor = table + self.map(semantic)
        return mixed


class NoFusion:
    """A class of another kind."""
