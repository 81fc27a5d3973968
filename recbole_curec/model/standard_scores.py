"""Scores of different models on one scale, so that they can be summed."""

from __future__ import annotations

import torch


def standardised(scores: torch.Tensor) -> torch.Tensor:
    """Scores less their mean over all items, in standard deviations, for every user, shape ``(B, n_items)``.

    Column 0, the padding item, is in neither mean nor deviation (of the population, ddof 0). Equal scores of all items
    say nothing and become 0.

    Args:
        scores: Shape ``(B, n_items)``, with the padding item in column 0.
    """
    items = scores[:, 1:]
    mean = items.mean(dim=1, keepdim=True)
    deviation = items.std(dim=1, keepdim=True, correction=0)
    constant = items.amax(dim=1, keepdim=True) == items.amin(dim=1, keepdim=True)
    return ((scores - mean) / deviation).masked_fill(constant, 0.0)
