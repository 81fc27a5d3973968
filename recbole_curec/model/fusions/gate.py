"""``fusion: gate``: id vectors plus a mixture of experts over the features."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.fusion import Fusion, FusionStart

_EXPERTS = 4


@FUSIONS.register
class GateFusion(Fusion):
    """``id + sum_k g_k(s) E_k s``, with ``4`` linear experts ``E_k`` that start at zero: initially the id-only model.

    Held ids (:meth:`~recbole_curec.model.fusions.fusion.Fusion.hold_ids`) keep the backbone's initial values.
    """

    name: ClassVar[str] = "gate"
    holds_ids: ClassVar[bool] = True

    def build(self, start: FusionStart) -> None:
        """Make experts of zeros, and the router that weights them."""
        dim = start.semantic.shape[1]
        self.experts = nn.Parameter(torch.zeros(_EXPERTS, dim, self.embedding_dim))
        self.router = nn.Linear(dim, _EXPERTS)

    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """Id vectors plus the weighted outputs of the experts."""
        assert table is not None  # noqa: S101 - has_table
        gates = torch.softmax(self.router(semantic), dim=-1)  # (..., K)
        return table + torch.einsum("...d,kdh,...k->...h", semantic, self.experts, gates)
