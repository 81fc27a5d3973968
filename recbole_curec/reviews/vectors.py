"""Review vectors: what the encoder makes of every training review, with the rating it reads from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save_file
from safetensors.torch import load_file

VECTORS, _IDS = "review_vectors.safetensors", "review_ids.parquet"


@dataclass(frozen=True)
class ReviewVectors:
    """A vector per training review, in the order of :class:`~recbole_curec.reviews.table.ReviewTable`.

    Attributes:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        vectors: Vectors of the reviews, shape ``(N, D)``: the rating, in units of four standard deviations from the
            mean, then a unit vector of whom and what the review tells of, then one of what it praises and blames, then
            one of its words.
        predicted: Rating the encoder reads from each review, on the ratings' own scale, shape ``(N,)``.
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    vectors: NDArray[np.float32]
    predicted: NDArray[np.float32]

    def __len__(self) -> int:
        """Number of reviews."""
        return len(self.users)

    @property
    def dim(self) -> int:
        """Size of a vector."""
        return int(self.vectors.shape[1])

    @cached_property
    def _rows(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_arrays([self.users.astype(object), self.items.astype(object)])

    def lookup(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.int64]:
        """Row of the review of each pair of user and item, -1 where there is none, shape ``(n,)``."""
        pairs = pd.MultiIndex.from_arrays([np.asarray(users, dtype=object), np.asarray(items, dtype=object)])
        return np.asarray(self._rows.get_indexer(pairs), dtype=np.int64)

    def save(self, folder: Path) -> None:
        """Write the vectors into the folder of an artifact."""
        arrays = {"vectors": self.vectors, "predicted": self.predicted}
        save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / VECTORS)
        ids = {"user": self.users.astype(object), "item": self.items.astype(object)}
        pd.DataFrame(ids).to_parquet(folder / _IDS, index=False)

    @classmethod
    def load(cls, folder: Path) -> ReviewVectors:
        """Inverse of :meth:`save`; vectors are memory-mapped and read when they are used."""
        # The torch reader memory-maps the file, the numpy reader copies it.
        arrays = {name: tensor.numpy() for name, tensor in load_file(folder / VECTORS).items()}
        ids = pd.read_parquet(folder / _IDS)
        return cls(
            users=ids["user"].to_numpy(dtype=np.str_),
            items=ids["item"].to_numpy(dtype=np.str_),
            vectors=arrays["vectors"],
            predicted=arrays["predicted"],
        )
