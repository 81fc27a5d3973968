"""A small table, features for it, and one step of training, for the tests of every fusion."""

from __future__ import annotations

import torch
from torch import nn

from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.fusion import Fusion

N, H = 40, 16
FUSION_NAMES = sorted(FUSIONS.entries())


def table_of(padding_idx: int | None = 0, rows: int = N, spread: float = 0.02) -> nn.Embedding:
    """An id table as a backbone initialises it."""
    torch.manual_seed(1)
    table = nn.Embedding(rows, H, padding_idx=padding_idx)
    nn.init.normal_(table.weight, std=spread)
    return table


def features_of(dim: int = 12, rows: int = N) -> torch.Tensor:
    """Unit vectors; row 0 is zero."""
    generator = torch.Generator().manual_seed(2)
    features = nn.functional.normalize(torch.randn(rows, dim, generator=generator), dim=1)
    features[0] = 0
    return features


def fused(name: str, alignment: bool = False, **table: object) -> Fusion:
    """The table and its features under the fusion of a name."""
    return FUSIONS.find(name)(table_of(**table), features_of(), alignment)  # type: ignore[arg-type]


def step(module: nn.Module, loss: torch.Tensor) -> None:
    """One step of gradient descent."""
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
