"""The share of a batch of windows that one of several processes computes; their losses add up to the batch's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from recbole.data.interaction import Interaction


@dataclass(frozen=True)
class Share:
    """One process's share of every batch, which all processes have as a whole.

    Attributes:
        rank: Number of the process.
        size: Number of processes.
        from_main: Gives the first process's tensor to all of them.
    """

    rank: int
    size: int
    from_main: Callable[[torch.Tensor], torch.Tensor]

    @property
    def is_main(self) -> bool:
        """Whether this process computes what cannot be split, such as a loss between the ids of the whole batch."""
        return self.rank == 0

    def windows(self, batch: Any, length: str) -> Any:
        """This process's windows, trimmed to the longest of them; the first one where there are too few for everyone.

        Neighbours in a batch have similar lengths, so taking turns gives every process about as much to compute.

        Args:
            batch: The whole batch.
            length: Column with the number of inputs of every window.
        """
        rows = slice(self.rank, None, self.size) if self.rank < len(batch) else slice(0, 1)
        longest = int(batch[length][rows].max())
        return Interaction({name: batch[name][rows, :longest] if batch[name].dim() == 2 else batch[name][rows]
                            for name in batch.columns})  # fmt: skip

    def weight(self, mine: int, every: int, windows: int) -> float:
        """Weight of this process's mean in the mean over the whole batch.

        Args:
            mine: Terms of this process's mean.
            every: Terms of the batch's mean.
            windows: Windows of the batch.
        """
        return mine / max(every, 1) if self.rank < windows else 0.0
