"""``fusion: concat``: a linear map of the concatenated id vector and features."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.fusion import Fusion, FusionStart, scale_to

# Scale of the features, in units of the id table's; chosen by validation on ml-100k (docs/lift_details.md).
_SCALE = 3.0


@FUSIONS.register
class ConcatFusion(Fusion):
    """``W [id; s]``, initially only the mapped features, at three times the scale of the id table.

    Id vectors start at zero and learn what the features lack; rows without features keep the backbone's initial values.
    Held ids (:meth:`~recbole_curec.model.fusions.fusion.Fusion.hold_ids`) stay at zero.
    """

    name: ClassVar[str] = "concat"
    holds_ids: ClassVar[bool] = True

    def build(self, start: FusionStart) -> None:
        """Set id vectors to zero, and map features so that their inner products are preserved."""
        assert self.table is not None  # noqa: S101 - has_table
        if not start.alignment:  # the alignment loss compares directions, and zero has none
            self.table.data[start.known] = 0
        if self.padding_idx is not None:
            self.table.data[self.padding_idx] = 0
        self.projection = nn.Linear(start.semantic.shape[1], self.embedding_dim, bias=False)
        scale = scale_to(start.semantic @ start.mapping, start.spread * _SCALE)
        self.projection.weight.data = (start.mapping * scale).T.contiguous()
        self.mix = nn.Linear(self.embedding_dim, self.embedding_dim, bias=False)
        nn.init.eye_(self.mix.weight)

    def hold_ids(self, ids: torch.Tensor) -> None:
        """Set the vectors of ids without training interactions to zero, with alignment too, and keep them there."""
        super().hold_ids(ids)
        assert self.table is not None  # noqa: S101 - has_table
        if len(ids):
            self.table.data[ids] = 0

    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """Mixed id vectors plus projected features."""
        assert table is not None  # noqa: S101 - has_table
        mixed: torch.Tensor = self.mix(table) + self.projection(semantic)
        return mixed
