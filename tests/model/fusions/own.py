"""Fusions as a user would write them, outside the package."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from recbole_curec.model.fusions.fusion import Fusion, FusionStart
from recbole_curec.settings.group import SettingsGroup, setting


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


class ScaledSettings(SettingsGroup):
    """Settings of :class:`ScaledFusion`."""

    section: ClassVar[str] = "scaled"
    factor: float = setting(1.0, "Weight of the features.", alias="scaled_factor")


class ScaledFusion(SumFusion):
    """The same with a weight that config files give."""

    name: ClassVar[str] = "scaled"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (ScaledSettings,)

    def build(self, start: FusionStart) -> None:
        """The map, and the weight."""
        super().build(start)
        self.factor = start.settings.of(ScaledSettings).factor

    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """Their weighted sum."""
        return super().mix_rows(table, self.factor * semantic)


class NoFusion:
    """A class of another kind."""
