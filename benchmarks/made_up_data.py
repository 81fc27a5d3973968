"""Made-up interactions and items of any size, as RecBole's atomic files, written in chunks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_GENRES = 50
_WORDS = 20_000
_ROWS = 500_000  # written at a time
_SHARE_OF_OWN_GENRE = 0.5
_SPREAD = 0.8  # standard deviation of the logarithm of a history's length
_SHORTEST = 3


def write_dataset(folder: Path, name: str, interactions: int, users: int, items: int, seed: int) -> None:
    """Write ``<name>.inter`` and ``<name>.item`` into ``folder/name``.

    Items are taken by Zipf's law (the item of rank ``r`` in proportion to ``1 / r``), lengths of histories are
    log-normal, and half of what a user takes is of one genre, so that evidence finds something.

    Args:
        folder: Folder of the dataset's folder.
        name: Name of the dataset.
        interactions: Number of interactions, up to rounding of the lengths.
        users: Number of users.
        items: Number of items.
        seed: Seed of every choice.
    """
    rng = np.random.default_rng(seed)
    (folder / name).mkdir(parents=True, exist_ok=True)
    genres = rng.integers(_GENRES, size=items)
    _write_items(folder / name / f"{name}.item", genres, rng)
    lengths = np.exp(rng.normal(0, _SPREAD, users))
    lengths = np.maximum(_SHORTEST, np.rint(lengths * interactions / lengths.sum())).astype(np.int64)
    taste = rng.integers(_GENRES, size=users)
    popular = rng.permutation(items)
    by_genre = [popular[genres[popular] == genre] for genre in range(_GENRES)]
    path = folder / name / f"{name}.inter"
    ends = np.cumsum(lengths)
    cuts = np.unique(np.searchsorted(ends, np.arange(_ROWS, ends[-1], _ROWS)))
    for number, part in enumerate(np.split(np.arange(users), cuts)):
        owner = np.repeat(part, lengths[part])
        taken = popular[_zipf(len(popular), rng, len(owner))]
        own = rng.random(len(owner)) < _SHARE_OF_OWN_GENRE
        for genre, among in enumerate(by_genre):
            rows = np.flatnonzero(own & (taste[owner] == genre))
            if len(among):
                taken[rows] = among[_zipf(len(among), rng, len(rows))]
        columns = {"user_id:token": owner, "item_id:token": taken, "timestamp:float": np.arange(len(owner))}
        pd.DataFrame(columns).to_csv(path, sep="\t", index=False, mode="a" if number else "w", header=not number)


def _zipf(count: int, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Ranks from 0, drawn in proportion to about ``1 / (rank + 1)``: their logarithm is uniform."""
    return np.minimum(np.exp(rng.random(size) * np.log(count + 1)).astype(np.int64) - 1, count - 1)


def _write_items(path: Path, genres: NDArray[np.int64], rng: np.random.Generator) -> None:
    """A title of three words and a genre per item, in chunks."""
    syllables = [first + last for first in "bdfgklmnprst" for last in "aeiou"]
    words = np.array(["".join(rng.choice(syllables, 3)).title() for _ in range(_WORDS)], dtype=object)
    for start in range(0, len(genres), _ROWS):
        part = np.arange(start, min(start + _ROWS, len(genres)))
        first, second, third = words[rng.integers(_WORDS, size=(3, len(part)))]
        columns = {
            "item_id:token": part,
            "title:token_seq": first + " " + second + " " + third,
            "genre:token": [f"Genre {words[genre]}" for genre in genres[part]],
        }
        pd.DataFrame(columns).to_csv(path, sep="\t", index=False, mode="a" if start else "w", header=not start)
