"""The feature store: semantic vectors by original id, and their order by a dataset's internal ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from safetensors.torch import load_file

from recbole_curec.pipeline.artifacts import Artifact

VECTORS, _ITEMS, _USERS = "features.safetensors", "items.parquet", "users.parquet"
_ROWS = 1 << 16  # joined at a time


@dataclass(frozen=True)
class FeatureSet:
    """Semantic vectors by a dataset's internal ids; zero for row 0 (padding) and for ids without a vector.

    Attributes:
        item: Shape ``(n_items, D)``.
        user: Shape ``(n_users, D)``.
        artifacts: The artifacts they were made from, by stage; empty for vectors from elsewhere.
    """

    item: torch.Tensor
    user: torch.Tensor
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)


@dataclass(frozen=True)
class FeatureStore:
    """Semantic vectors by original id.

    Attributes:
        item_tokens: Original item ids, one per row of ``item``.
        item: Shape ``(items, D)``.
        user_tokens: Original user ids, one per row of ``user``.
        user: Shape ``(users, D)``.
        item_text: The part of ``item`` that comes from item text, shape ``(items, D)``; the rest is what was told.
        user_text: The part of ``user`` that comes from item text, shape ``(users, D)``.
    """

    item_tokens: Sequence[str]
    item: NDArray[np.float32]
    user_tokens: Sequence[str]
    user: NDArray[np.float32]
    item_text: NDArray[np.float32]
    user_text: NDArray[np.float32]

    def save(self, folder: Path) -> None:
        """Write the artifact."""
        vectors = {"item": self.item, "user": self.user, "item_text": self.item_text, "user_text": self.user_text}
        save_file({name: np.ascontiguousarray(value) for name, value in vectors.items()}, folder / VECTORS)
        pd.DataFrame({"item": list(self.item_tokens)}).to_parquet(folder / _ITEMS, index=False)
        pd.DataFrame({"user": list(self.user_tokens)}).to_parquet(folder / _USERS, index=False)

    @classmethod
    def load(cls, folder: Path) -> FeatureStore:
        """Inverse of :meth:`save`; vectors are memory-mapped and read when they are used."""
        # The torch reader memory-maps the file, the numpy reader copies it.
        vectors = {name: tensor.numpy() for name, tensor in load_file(folder / VECTORS).items()}
        return cls(
            item_tokens=pd.read_parquet(folder / _ITEMS)["item"].tolist(),
            item=vectors["item"],
            user_tokens=pd.read_parquet(folder / _USERS)["user"].tolist(),
            user=vectors["user"],
            item_text=vectors["item_text"],
            user_text=vectors["user_text"],
        )

    def text_for_ids(self, item_tokens: NDArray[np.str_], user_tokens: NDArray[np.str_]) -> FeatureSet:
        """The part of :meth:`for_ids` that comes from item text."""
        return FeatureSet(
            item=_join(item_tokens, self.item_tokens, self.item_text),
            user=_join(user_tokens, self.user_tokens, self.user_text),
        )

    def for_ids(self, item_tokens: NDArray[np.str_], user_tokens: NDArray[np.str_]) -> FeatureSet:
        """Vectors in the order of a dataset's internal ids (index 0 is padding)."""
        return FeatureSet(
            item=_join(item_tokens, self.item_tokens, self.item), user=_join(user_tokens, self.user_tokens, self.user)
        )


def _join(wanted: NDArray[np.str_], tokens: Sequence[str], vectors: NDArray[np.float32]) -> torch.Tensor:
    """The vectors of the wanted ids, zero for unknown ones; reads no others and makes no copy except the result."""
    rows = pd.Index(tokens).get_indexer(pd.Index(wanted[1:].astype(object)))
    found = np.flatnonzero(rows >= 0)
    joined = np.zeros((len(wanted), vectors.shape[1]), dtype=np.float32)
    for part in np.array_split(found, -(-len(found) // _ROWS) or 1):
        joined[part + 1] = vectors[rows[part]]
    return torch.from_numpy(joined)
