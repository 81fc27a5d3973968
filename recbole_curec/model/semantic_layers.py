"""Fused replacements for modules of RecBole models with one vector per id: embeddings, linear layers, parameters."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from recbole_curec.model.fusions.fusion import Fusion

FusionMaker = Callable[[nn.Embedding, torch.Tensor, bool], Fusion]


class SemanticLinear(nn.Module):
    """Replaces an ``nn.Linear`` whose weight has a row (or a column) per id.

    A layer that scores every item has a row per item; one that reads a multi-hot history has a column per item.

    Attributes:
        table: The fused vectors, one per id.
        bias: As in the replaced layer.
    """

    def __init__(
        self, original: nn.Linear, features: torch.Tensor, fusion: FusionMaker, alignment: bool, columns: bool
    ) -> None:
        """Wrap a layer.

        Args:
            original: The backbone's layer, after the backbone initialised it.
            features: Semantic vectors, shape ``(n, D)``; inputs or outputs beyond ``n`` are not ids.
            fusion: Class of the fusion, or a function that makes one.
            alignment: Whether the alignment loss will be used.
            columns: Whether the ids are the columns of the weight.
        """
        super().__init__()
        self.in_features, self.out_features = original.in_features, original.out_features
        self.columns = columns
        weight = original.weight.detach()
        self.table = fusion(_as_embedding(weight.T if columns else weight), features, alignment)
        self.bias = original.bias

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Like ``nn.Linear``: ``(..., in_features)`` to ``(..., out_features)``."""
        return F.linear(inputs, self.weight, self.bias)

    @property
    def weight(self) -> torch.Tensor:
        """The fused weight, shape ``(out_features, in_features)``."""
        return self.table.weight.T if self.columns else self.table.weight


class SemanticParameters(nn.Module):
    """Replaces an ``nn.ParameterList`` of one matrix with a row per id."""

    def __init__(
        self, original: nn.ParameterList, features: torch.Tensor, fusion: FusionMaker, alignment: bool
    ) -> None:
        """Wrap a list; the arguments are those of a fusion."""
        super().__init__()
        (matrix,) = original
        self.table = fusion(_as_embedding(matrix.detach()), features, alignment)

    def __getitem__(self, index: int) -> torch.Tensor:
        """The fused matrix, shape ``(n, H)``."""
        return (self.table.weight,)[index]


def fuse(
    original: nn.Module, features: torch.Tensor, fusion: FusionMaker, alignment: bool, columns: bool = False
) -> nn.Module:
    """The fused replacement of a module; it is trainable only if the original is.

    Args:
        original: An embedding, a linear layer, or a list of one parameter.
        features: Semantic vectors, shape ``(n, D)``.
        fusion: Class of the fusion, or a function that makes one.
        alignment: Whether the alignment loss will be used.
        columns: For a linear layer: whether the ids are the columns of its weight.

    Raises:
        TypeError: The module is of another type.
    """
    fused: nn.Module
    if isinstance(original, nn.Embedding):
        fused = fusion(original, features, alignment)
    elif isinstance(original, nn.Linear):
        fused = SemanticLinear(original, features, fusion, alignment, columns)
    elif isinstance(original, nn.ParameterList):
        fused = SemanticParameters(original, features, fusion, alignment)
    else:
        raise TypeError(f"no stand-in for {type(original).__name__}")
    if not any(parameter.requires_grad for parameter in original.parameters()):
        fused.requires_grad_(False)
    return fused


def _as_embedding(weight: torch.Tensor) -> nn.Embedding:
    # Given its weight, an embedding draws no random numbers.
    rows, size = weight.shape
    return nn.Embedding(rows, size, _weight=weight.contiguous())
