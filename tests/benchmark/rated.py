"""Rated interactions for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from recbole_curec.benchmark.rating_splits import RatingRows, RatingSplits
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_rows

COLUMNS = "user_id:token item_id:token rating:float timestamp:float review:token"


def rated_dataset(atomic: AtomicDataset) -> AtomicDataset:
    """Interactions of the toy set, rated 1 to 5 by a bias of the user and one of the item, half of them reviewed."""
    rng = np.random.default_rng(1)
    rows: list[tuple[Any, ...]] = []
    for user, item, time in random_rows(longest=20):
        level = 3 + (int(user[1:]) % 3 - 1) + (int(item[1:]) % 3 - 1) + rng.normal(0, 0.3)
        text = f"plays {'badly' if level < 3 else 'well'}" if rng.random() < 0.5 else ""
        rows.append((user, item, float(np.clip(round(level), 1, 5)), time, text))
    atomic.write("inter", COLUMNS, rows)
    return atomic


def rating_rows(users: str, items: str, ratings: list[float]) -> RatingRows:
    """Rows with ids of one letter, in the order of time."""
    return RatingRows(np.array(list(users)), np.array(list(items)), np.array(ratings), np.arange(len(ratings)))


def random_splits(seed: int = 0) -> RatingSplits:
    """Ratings that are a bias of the user, one of the item and noise; one pair of the test has an unknown item."""
    rng = np.random.default_rng(seed)
    of_users, of_items = rng.normal(0, 1, 40), rng.normal(0, 1, 25)
    pairs = rng.permutation([(user, item) for user in range(40) for item in range(25)])[:700]
    ratings = np.clip(np.round(3 + of_users[pairs[:, 0]] + of_items[pairs[:, 1]] + rng.normal(0, 0.3, 700)), 1, 5)
    users, items = (np.char.add(kind, pairs[:, place].astype(str)) for place, kind in enumerate("ui"))
    items[-1] = "new"
    # cornac drops digits, and words of more than half of the items.
    letters = {item: chr(97 + place) for place, item in enumerate(sorted(set(items.tolist())))}
    words = [
        "abcde"[int(rating) - 1] * 5 + " " + letters[item] * 7 for rating, item in zip(ratings, items, strict=True)
    ]
    texts = np.array(words, dtype=object)
    parts = [
        RatingRows(users[rows], items[rows], ratings[rows], np.arange(700)[rows], texts[rows])
        for rows in (slice(0, 500), slice(500, 600), slice(600, 700))
    ]
    return RatingSplits(*parts)
