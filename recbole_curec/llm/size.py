"""How much memory a language model takes."""

from __future__ import annotations

from typing import Any

# Bytes of weights from which on memory is given back at every step, which takes a search for garbage.
_LARGE = 1 << 27


def weight_bytes(model: Any) -> int:
    """Size of a model's weights in memory."""
    return sum(weight.numel() * weight.element_size() for weight in model.parameters())


def is_large(model: Any) -> bool:
    """Whether a model is so large that a search for garbage takes little of a step's time."""
    return weight_bytes(model) > _LARGE
