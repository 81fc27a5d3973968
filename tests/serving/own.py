"""A backbone that reads more of an interaction than a history tells."""

from __future__ import annotations

from typing import Any

import torch

from tests.backbones.own import MeanOfItems


class ReadsTimes(MeanOfItems):
    """Scores depend on when the items were taken."""

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        scores: torch.Tensor = super().full_sort_predict(interaction)
        return scores + interaction["timestamp_list"].float().mean()
