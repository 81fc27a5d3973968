"""A small dataset of rated reviews, and vectors in place of those that RecCoT's stages would make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from recbole_curec.reviews.vectors import ReviewVectors
from tests.atomic_dataset import AtomicDataset

HEADER = "user_id:token item_id:token rating:float review:token_seq timestamp:float"
RATED = {
    "epochs": 3,
    "train_batch_size": 64,
    "show_progress": False,
    "state": "ERROR",
    "reccot.hidden_size": 8,
    "reccot.review_history": 4,
}
DIM = 6


def rated_rows(n_users: int = 30, n_items: int = 12, seed: int = 0) -> list[tuple[Any, ...]]:
    """User, item, rating from 0.5 to 5 in halves, review and distinct time; harsh users and good items."""
    rng = np.random.default_rng(seed)
    of_user, of_item = rng.normal(size=n_users), rng.normal(size=n_items)
    rows = []
    for user in range(n_users):
        for item in rng.permutation(n_items)[: rng.integers(3, 9)]:
            rating = float(np.clip(np.round(2 * (3 + of_user[user] + of_item[item])) / 2, 0.5, 5))
            rows.append((f"u{user}", f"i{item}", rating, f"words {user} of {item}"))
    times = rng.permutation(len(rows))
    return [(*rows[k], int(times[k]) * 1000) for k in rng.permutation(len(rows))]


def write_rated(atomic: AtomicDataset, rows: list[tuple[Any, ...]] | None = None) -> AtomicDataset:
    """Write the interaction file."""
    atomic.write("inter", HEADER, rated_rows() if rows is None else rows)
    return atomic


def vectors_of(users: Any, items: Any) -> Any:
    """A vector for every pair that depends on the pair alone, shape ``(N, 6)``."""
    seeds = [abs(hash_of(f"{user} {item}")) for user, item in zip(users, items, strict=True)]
    return np.stack([np.random.default_rng(seed).normal(size=DIM) for seed in seeds]).astype(np.float32)


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(text.encode()[-12:], "big")


def stand_in(asked: list[Any]) -> Callable[[Any, Any], Any]:
    """Replaces RecCoT's stages; the list collects the reviews they were asked for. Rows come in another order."""

    def review_vectors(_config: Any, reviews: Any) -> Any:
        asked.append(reviews)
        users, items = reviews.users[::-1], reviews.items[::-1]
        unread = np.zeros(len(users), dtype=np.float32)
        return ReviewVectors(users, items, vectors_of(users, items), unread)

    return review_vectors
