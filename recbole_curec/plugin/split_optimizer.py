"""Several optimisers behind the interface of one: item tables with sparse gradients need an optimiser of their own."""

from __future__ import annotations

from typing import Any

from torch.optim import Optimizer


class SplitOptimizer:
    """Steps several optimisers together; has the methods that RecBole's trainer and torch's gradient scaler call.

    Attributes:
        parts: The optimisers, each over parameters of its own.
    """

    def __init__(self, *parts: Optimizer) -> None:
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
