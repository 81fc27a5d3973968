"""Interaction tables with exact time order, which build item sequences only when they are read.

RecBole builds a table with one padded prefix per interaction, ``N x MAX_ITEM_LIST_LENGTH`` for every column, and sorts
it by timestamps converted to float32 (steps of 128 seconds for current Unix times). The first needs much memory, the
second can change the order of interactions and thereby the test items.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.interaction import Interaction


def exact_ranks(times: NDArray[Any]) -> torch.Tensor:
    """Unique rank of every row by (time, row), shape ``(N,)``."""
    ranks = np.empty(len(times), dtype=np.int64)
    ranks[np.argsort(times, kind="stable")] = np.arange(len(times))
    return torch.from_numpy(ranks)


class OrderedRows(Interaction):  # type: ignore[misc]
    """An ``Interaction`` whose sort by the time field uses exact ranks.

    Attributes:
        ranks: Unique rank of every row by (time, file row), shape ``(N,)``; reordered together with the rows.
        time_field: Column that is sorted by the ranks.
    """

    def __init__(self, columns: dict[str, torch.Tensor], ranks: torch.Tensor, time_field: str | None) -> None:
        super().__init__(columns)
        self.length = len(ranks)
        self.ranks = ranks
        self.time_field = time_field

    def __getitem__(self, index: Any) -> Any:
        """A column by name, or the rows at an index, mask or slice."""
        if isinstance(index, str):
            return self._column(index)
        index = as_index(index)
        return self._rebuild({key: value[index] for key, value in self.interaction.items()}, self.ranks[index])

    def sort(self, by: str | list[str], ascending: bool | list[bool] = True) -> None:
        """Sort in place by one or several columns, stably; the time field sorts by exact rank."""
        names = [by] if isinstance(by, str) else list(by)
        upward = [ascending] if isinstance(ascending, bool) else list(ascending)
        upward = upward * len(names) if len(upward) == 1 else upward
        for name, up in list(zip(names, upward, strict=True))[::-1]:
            key = self.ranks if name == self.time_field else self._column(name)
            order = np.argsort((key if key.dim() == 1 else key.flatten(1)[:, 0]).numpy(), kind="stable")
            self._reindex(order if up else order[::-1].copy())

    def _column(self, name: str) -> torch.Tensor:
        column: torch.Tensor = self.interaction[name]
        return column

    def _rebuild(self, columns: dict[str, torch.Tensor], ranks: torch.Tensor) -> OrderedRows:
        return OrderedRows(columns, ranks.reshape(-1), self.time_field)

    def _reindex(self, index: Any) -> None:
        index = as_index(index)
        super()._reindex(index)
        self.ranks = self.ranks[index]


class SequenceRows(OrderedRows):
    """Prediction targets whose history columns (``item_id_list``, ...) are read from one flat table on access.

    Row ``r`` predicts flat row ``flat_index[r]``; its history is the ``item_length[r]`` flat rows before it.

    Attributes:
        flat: Every interaction, sorted by (user, exact time); shared between all splits and never changed.
        flat_index: Flat row of every target, shape ``(N,)``.
        list_fields: Name of every list column and the flat column it is read from.
        max_length: Width of a list column; shorter histories are padded on the right with 0.
    """

    def __init__(
        self,
        flat: OrderedRows,
        flat_index: torch.Tensor,
        columns: dict[str, torch.Tensor],
        list_fields: dict[str, str],
        length_field: str,
        max_length: int,
    ) -> None:
        super().__init__(columns, flat.ranks[flat_index], flat.time_field)
        self.flat = flat
        self.flat_index = flat_index
        self.list_fields = list_fields
        self.length_field = length_field
        self.max_length = max_length

    def materialise(self, index: Any) -> Interaction:
        """Rows at ``index`` as a plain ``Interaction`` with every list column, as RecBole's prefix table holds them."""
        index = as_index(index)
        columns = {key: value[index] for key, value in self.interaction.items()}
        flat_index, lengths = self.flat_index[index], columns[self.length_field]
        history, inside = self._history(flat_index, lengths)
        for name, source in self.list_fields.items():
            columns[name] = _take(self.flat.interaction[source], history, inside)
        return Interaction(columns)

    @property
    def columns(self) -> list[str]:
        """Names of all columns, list columns included."""
        return [*self.interaction, *self.list_fields]

    def drop(self, column: str) -> None:
        """Drop a column."""
        if column in self.list_fields:
            self.list_fields = {name: source for name, source in self.list_fields.items() if name != column}
        else:
            super().drop(column)

    def __contains__(self, item: object) -> bool:
        return item in self.interaction or item in self.list_fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __deepcopy__(self, memo: dict[int, Any]) -> SequenceRows:
        columns = {key: value.clone() for key, value in self.interaction.items()}
        return self._with(columns, self.flat_index.clone())

    def _column(self, name: str) -> torch.Tensor:
        if name not in self.list_fields:
            return super()._column(name)
        history, inside = self._history(self.flat_index, self.interaction[self.length_field])
        return _take(self.flat.interaction[self.list_fields[name]], history, inside)

    def _history(self, flat_index: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        steps = torch.arange(self.max_length)
        inside = steps < lengths.unsqueeze(-1)  # (..., L)
        history = (flat_index - lengths).unsqueeze(-1) + steps  # (..., L)
        return history.where(inside, 0), inside

    def __getitem__(self, index: Any) -> Any:
        """A column by name, or the rows at an index, mask or slice; list columns are still read on access."""
        if isinstance(index, str):
            return self._column(index)
        index = as_index(index)
        return self._with({key: value[index] for key, value in self.interaction.items()}, self.flat_index[index])

    def _with(self, columns: dict[str, torch.Tensor], flat_index: torch.Tensor) -> SequenceRows:
        return SequenceRows(
            self.flat, flat_index.reshape(-1), columns, self.list_fields, self.length_field, self.max_length
        )

    def _reindex(self, index: Any) -> None:
        index = as_index(index)
        super()._reindex(index)
        self.flat_index = self.flat_index[index]


def as_index(index: Any) -> Any:
    """An index for tensors: lists and arrays become tensors, ranges become slices, other indices are unchanged."""
    if isinstance(index, slice | int):
        return index
    if isinstance(index, range):
        return slice(index.start, index.stop, index.step)
    if isinstance(index, torch.Tensor):
        return index
    array = np.asarray(index)
    return torch.from_numpy(array.astype(np.int64) if array.dtype != np.bool_ else array)


def _take(values: torch.Tensor, history: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    taken = values[history]  # (..., L, *rest)
    keep = inside.reshape(inside.shape + (1,) * (taken.dim() - inside.dim()))
    return taken.masked_fill(~keep, 0)
