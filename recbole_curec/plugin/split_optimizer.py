"""Several optimisers behind the interface of one: item tables with sparse gradients need an optimiser of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer


class SplitOptimizer:
    """Steps several optimisers together; has the methods that RecBole's trainer and torch's gradient scaler call.

    Attributes:
        parts: The optimisers, each over parameters of its own.
    """

    def __init__(self, *parts: Optimizer | SplitOptimizer) -> None:
        self.parts = parts

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Parameter groups of all parts."""
        return [group for part in self.parts for group in part.param_groups]

    def zero_grad(self) -> None:
        """Clear the gradients of all parts."""
        for part in self.parts:
            part.zero_grad()

    def step(self) -> None:
        """Update the parameters of all parts."""
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """States of the parts, in order."""
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the states given by :meth:`state_dict`."""
        for part, saved in zip(self.parts, state["parts"], strict=True):
            part.load_state_dict(saved)


class ClippingOptimizer(SplitOptimizer):
    """Clips the norm of its parameters' gradients before every step, apart from those of other optimisers.

    Args:
        part: Steps the parameters.
        parameters: All of them.
        clip: Arguments of torch's ``clip_grad_norm_``, RecBole's ``clip_grad_norm``; None does not clip.
    """

    def __init__(
        self, part: Optimizer | SplitOptimizer, parameters: list[torch.Tensor], clip: dict[str, Any] | None
    ) -> None:
        super().__init__(part)
        self._parameters, self._clip = parameters, clip

    def step(self) -> None:
        """Clip, then update the parameters."""
        if self._clip:
            clip_grad_norm_(self._parameters, **self._clip)
        super().step()
