"""``fusion: init``: a trainable table initialised with the features."""

from __future__ import annotations

from typing import ClassVar

import torch

from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.fusion import Fusion, FusionStart, scale_to


@FUSIONS.register
class InitFusion(Fusion):
    """The id table is initialised with the features, mapped into the embedding space and scaled to the id table.

    Rows without features keep the backbone's initial values.
    """

    name: ClassVar[str] = "init"
    keeps_features: ClassVar[bool] = False

    def build(self, start: FusionStart) -> None:
        """Overwrite the initial values of the rows that have features."""
        assert self.table is not None  # noqa: S101 - has_table
        mapped = start.semantic @ start.mapping
        self.table.data[start.known] = (mapped * scale_to(mapped, start.spread))[start.known]
        if self.padding_idx is not None:
            self.table.data[self.padding_idx] = 0

    @property
    def reads_rows(self) -> bool:
        """False: ids are looked up in the table directly."""
        return False

    @property
    def weight(self) -> torch.Tensor:
        """The table, shape ``(n, H)``."""
        assert self.table is not None  # noqa: S101 - has_table
        return self.table

    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """The id vectors."""
        assert table is not None  # noqa: S101 - has_table
        return table
