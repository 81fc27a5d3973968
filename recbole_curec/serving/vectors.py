"""Vectors of users and items whose dot products rank as the model does, for an index of nearest neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.atomic_write import write_whole
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.plugin.loading import LoadedRun
from recbole_curec.serving.recommender import Recommender

ITEMS, USERS = "items.parquet", "users.parquet"
# Users whose scores are compared with those of the model before anything is written.
_COMPARED = 8
_ROUNDING = 1e-3  # of the largest score
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True)
class WrittenVectors:
    """The written files.

    Attributes:
        items: File of the item vectors.
        users: File of the user vectors.
        n_items: Number of item vectors.
        n_users: Number of user vectors.
        dim: Size of a vector.
    """

    items: Path
    users: Path
    n_items: int
    n_users: int
    dim: int

    def describe(self) -> str:
        """Description that the command prints."""
        return (
            f"{self.n_items:,} item vectors and {self.n_users:,} user vectors of {self.dim} dimensions, whose dot "
            f"products are the model's scores:\n  {self.items}\n  {self.users}"
        )


class IndexVectors(Recommender):
    """The vectors of a model that scores by dot products, with ``fusion: late`` those of all towers side by side.

    Known users' vectors are computed from their whole histories, as for lists.

    Raises:
        ConfigurationError: The model scores in another way.
    """

    @torch.no_grad()
    def __init__(self, run: LoadedRun) -> None:
        super().__init__(run)
        if not hasattr(run.model, "dot_products"):
            raise ConfigurationError(
                f"'{run.checkpoint}' is of {run.config['model']}, whose vectors are not exported: give a checkpoint of "
                "CURec or CURecGeneral."
            )
        self._products = run.model.dot_products()
        users = self._histories.users[:_COMPARED]
        expected = self._scores(users.tolist(), [self._histories.of_user(user) for user in users])[:, 1:]
        vectors = torch.from_numpy(self.user_vectors(users)).to(self.items)
        found = vectors @ self.items[1:].T
        if not torch.allclose(found, expected, atol=_ROUNDING * float(expected.abs().max())):
            raise ConfigurationError(
                f"model: {self._name} does not score by the dot product of a user's and an item's vector, so it has "
                "no vectors for an index: choose another backbone, such as SASRec or BPR."
            )

    @property
    def items(self) -> torch.Tensor:
        """Item vectors, one row per internal id, shape ``(n_items, H)``; row 0 is padding."""
        items: torch.Tensor = self._products.items
        return items

    @torch.no_grad()
    def user_vectors(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of known users, shape ``(B, H)``.

        Args:
            users: Internal ids.
        """
        histories = [self._histories.of_user(user) for user in users]
        found: NDArray[np.float32] = (
            self._products.users(self._scorer.batch(users.tolist(), histories)).float().cpu().numpy()
        )
        return found

    def write(self, folder: Path) -> WrittenVectors:
        """Write the vectors of all items and of every user with an interaction.

        Args:
            folder: Gets ``items.parquet`` and ``users.parquet``, columns ``item`` or ``user`` (original id) and
                ``vector``; existing files are replaced only when both are complete.

        Raises:
            ConfigurationError: The folder cannot be written.
        """
        check_output_folder("export_dir", folder)
        files = {folder / ITEMS: self._item_tables(), folder / USERS: self._user_tables()}
        write_whole({path: partial(_write, tables) for path, tables in files.items()})
        return WrittenVectors(
            items=folder / ITEMS,
            users=folder / USERS,
            n_items=len(self.items) - 1,
            n_users=len(self._histories.users),
            dim=self.items.shape[1],
        )

    def _item_tables(self) -> Iterator[pa.Table]:
        for start in range(1, len(self.items), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            yield _table("item", self.item_tokens[rows], self.items[rows].detach().float().cpu().numpy())

    def _user_tables(self) -> Iterator[pa.Table]:
        users = self._histories.users
        starts = range(0, len(users), self.batch_size)
        for start in tqdm(starts, desc="user vectors", leave=False, disable=None):
            part = users[start : start + self.batch_size]
            yield _table("user", self.user_tokens[part], self.user_vectors(part))


def _table(kind: str, tokens: NDArray[np.str_], vectors: NDArray[np.float32]) -> pa.Table:
    values = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    return pa.table({kind: pa.array(tokens.tolist(), pa.string()), "vector": values})


def _write(tables: Iterator[pa.Table], path: Path) -> None:
    first = next(tables)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
