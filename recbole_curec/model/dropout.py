"""A faster dropout for the CPU, where torch's takes a fifth of an all-position epoch with one draw per element."""

from __future__ import annotations

import torch
from torch import nn

_LEVELS = 1 << 16


class QuickDropout(nn.Dropout):
    """``nn.Dropout`` with 16 random bits per element, four elements per drawn number; on other devices torch's own.

    The rate is rounded to a multiple of 1/65536, an error of at most 0.000008; the scale uses the rounded rate, so the
    expected value is exact.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Like ``nn.Dropout``, any shape."""
        dropped = round(self.p * _LEVELS)
        if not self.training or input.device.type != "cpu" or dropped in (0, _LEVELS):
            return super().forward(input)
        count = input.numel()
        draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(1 << 63), None)
        bits = draws.view(torch.int16)[:count].view(input.shape)
        kept = (bits >= dropped - _LEVELS // 2).to(input.dtype)
        return input * kept.mul_(_LEVELS / (_LEVELS - dropped))


def quicken(model: nn.Module) -> None:
    """Replace every ``nn.Dropout`` within a model by a quick one of the same rate."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.Dropout and not child.inplace:
                setattr(parent, name, QuickDropout(child.p))
