"""A further block of coordinates for vectors of items and users: statements of other users' reviews."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.features.pooling import scaled_beside


@dataclass(frozen=True)
class StatementBlock:
    """The vectors of chosen statements, scaled to stand beside other vectors of the items.

    Attributes:
        items: Mean of the statements chosen for each item's training interactions, zero without any, shape
            ``(items, D)``.
        told: Every chosen statement, shape ``(n, D)``.
    """

    items: NDArray[np.float32]
    told: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        beside: NDArray[np.float32],
        item_rows: NDArray[np.int64],
        vectors: NDArray[np.float32],
        weight: float = 1.0,
    ) -> StatementBlock:
        """Scale to the total spread of the other vectors times ``weight``, over the items with a statement.

        Args:
            beside: Vectors of the items, shape ``(items, T)``.
            item_rows: Row of the item of every chosen statement, shape ``(n,)``.
            vectors: Vector of every chosen statement, shape ``(n, D)``.
            weight: Root of the ratio of both total variances.
        """
        return cls(*scaled_beside(beside, item_rows, vectors - vectors.mean(axis=0), weight))


def of_other_items(item_rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """For every statement, one of another item: each item gets the statements of one other item.

    What is said, and by whom it was chosen for whom, stays as it is in number; which item it is about does not.

    Args:
        item_rows: Row of the item of every chosen statement, shape ``(n,)``.
        rng: Draws which item takes whose statements; none keeps its own unless it is the only one.

    Returns:
        Number of the statement that stands in the place of each, shape ``(n,)``.
    """
    items = rng.permutation(np.unique(item_rows))
    source = dict(zip(items.tolist(), np.roll(items, 1).tolist(), strict=True))
    places = {item: np.flatnonzero(item_rows == item) for item in items.tolist()}
    taken = np.empty(len(item_rows), dtype=np.int64)
    for item, own in places.items():
        others = places[source[item]]
        taken[own] = others[np.arange(len(own)) % len(others)]
    return taken
