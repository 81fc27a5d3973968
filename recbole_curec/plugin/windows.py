"""All-position training batches: histories cut into overlapping windows, every target predicted once per epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.interaction import Interaction

from recbole_curec.data.history import TrainHistory

_BATCHES_PER_POOL = 32


@dataclass(frozen=True)
class WindowFields:
    """Column names of a batch; RecBole's config decides them."""

    user: str
    item_list: str
    length: str
    targets: str


@dataclass(frozen=True)
class Windows:
    """Windows over the rows of a history; row ``start + j`` is input ``j`` and row ``start + j + 1`` its target.

    Attributes:
        start: First input row, shape ``(W,)``.
        length: Number of inputs, shape ``(W,)``.
        first_target: Inputs before this offset are context only; their targets belong to an earlier window. Shape
            ``(W,)``.
        user: User of the window, shape ``(W,)``.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    first_target: NDArray[np.int64]
    user: NDArray[np.int64]

    @property
    def n_targets(self) -> NDArray[np.int64]:
        """Targets per window, shape ``(W,)``."""
        return self.length - self.first_target


def cut_windows(history: TrainHistory, max_length: int) -> Windows:
    """Cut every user's history so that each row except a user's first is the target of exactly one window.

    The first window of a user predicts up to ``max_length`` targets. Each later one predicts at most half a window of
    new targets, preceded by earlier inputs as context, so a target beyond the first window has at least half a window
    of context.
    """
    inputs = np.maximum(np.diff(history.indptr) - 1, 0)  # of every user
    step = max(max_length // 2, 1)
    extra = -(-np.maximum(inputs - max_length, 0) // step)
    counts = np.where(inputs > 0, 1 + extra, 0)
    user = np.repeat(np.arange(history.n_users), counts)
    number = np.arange(len(user)) - np.repeat(np.cumsum(counts) - counts, counts)  # of the window within its user
    end = np.minimum(max_length + number * step, inputs[user])
    start = np.maximum(end - max_length, 0)
    covered = np.where(number > 0, max_length + (number - 1) * step, 0)  # inputs whose targets came before
    return Windows(
        start=history.indptr[user] + start,
        length=end - start,
        first_target=covered - np.where(number > 0, start, 0),
        user=user,
    )


class WindowLoader:
    """Iterates over batches of windows; replaces RecBole's training loader within an epoch.

    A batch holds about ``batch_size`` targets, so learning rates carry over from prefix training. Windows of similar
    length share a batch, which is trimmed to its longest window; the composition and the order of batches change every
    epoch.

    Attributes:
        shuffle: Read by RecBole's trainer.
    """

    def __init__(
        self,
        history: TrainHistory,
        fields: WindowFields,
        max_length: int,
        batch_size: int,
        seed: int,
        shuffle: bool = True,
    ) -> None:
        self.shuffle = shuffle
        self._fields = fields
        self._items = torch.from_numpy(history.items)
        self._windows = cut_windows(history, max_length)
        self._generator = torch.Generator().manual_seed(seed)
        total = int(self._windows.n_targets.sum())
        # A fixed number of batches of equal size, never more than one per window.
        self._n_batches = min(max(-(-total // batch_size), 1), len(self._windows.start))

    def __len__(self) -> int:
        """Batches per epoch."""
        return self._n_batches

    def __iter__(self) -> Iterator[Interaction]:
        """One epoch."""
        order = self._shuffled() if self.shuffle else np.arange(len(self._windows.start))
        bounds = self._bounds(self._windows.n_targets[order])
        batches = np.arange(self._n_batches)
        if self.shuffle:
            batches = torch.randperm(self._n_batches, generator=self._generator).numpy()
        for batch in batches:
            yield self._batch(order[bounds[batch] : bounds[batch + 1]])

    def _shuffled(self) -> NDArray[np.int64]:
        """A random order, sorted by length within pools of several batches so that neighbours have similar lengths."""
        order = torch.randperm(len(self._windows.start), generator=self._generator).numpy()
        pool = np.arange(len(order)) * self._n_batches // (len(order) * _BATCHES_PER_POOL)
        return order[np.lexsort((self._windows.length[order], pool))]

    def _bounds(self, targets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Boundaries of the batches in the ordered windows, shape ``(batches + 1,)``."""
        total = int(targets.sum())
        before = np.cumsum(targets) - targets
        ideal = np.arange(1, self._n_batches) * total / self._n_batches
        cuts = np.searchsorted(before, ideal)
        # Windows larger than a batch could leave a batch empty, so each gets at least one window.
        lowest = np.arange(1, self._n_batches)
        cuts = np.minimum(
            np.maximum.accumulate(np.maximum(cuts, lowest) - lowest) + lowest, len(targets) - self._n_batches + lowest
        )
        return np.concatenate([[0], cuts, [len(targets)]])

    def _batch(self, chosen: NDArray[np.int64]) -> Interaction:
        start, length, first = (
            torch.from_numpy(values[chosen])
            for values in (self._windows.start, self._windows.length, self._windows.first_target)
        )
        steps = torch.arange(int(length.max()))
        inside = steps < length.unsqueeze(1)  # (B, L)
        rows = (start.unsqueeze(1) + steps).where(inside, 0)
        items = self._items[rows].masked_fill(~inside, 0)
        predicted = inside & (steps >= first.unsqueeze(1))
        targets = self._items[rows + 1].masked_fill(~predicted, 0)
        return Interaction(
            {
                self._fields.user: torch.from_numpy(self._windows.user[chosen]),
                self._fields.item_list: items,
                self._fields.length: length,
                self._fields.targets: targets,
            }
        )
