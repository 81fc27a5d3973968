"""The item file: a row for every item with a review, sorted by id, with the columns that have a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recbole_curec.data.prepare.source import RawSource
from recbole_curec.data.prepare.spill import RowSpill
from recbole_curec.data.prepare.writing import text_field


@dataclass(frozen=True)
class ItemRows:
    """Rows of the item file.

    Attributes:
        ids: The items, sorted.
        columns: Columns beside the id that have a value, with their types.
        counts: What is counted about the metadata; empty if there are none.
    """

    ids: list[str]
    columns: dict[str, str]
    counts: dict[str, Any]
    _row_of: Mapping[str, int]
    _places: tuple[int, ...]
    _texts: RowSpill

    def header(self) -> tuple[str, ...]:
        """The fields of the header, ``name:type``."""
        return "item_id:token", *(f"{name}:{kind}" for name, kind in self.columns.items())

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """The rows of fields."""
        rows = np.array([self._row_of[item] for item in self.ids if item in self._row_of], dtype=np.int64)
        texts = self._texts.in_order(rows)
        for item in self.ids:
            found = next(texts) if item in self._row_of else None
            yield item, *("" if found is None else found[place] for place in self._places)


def read_items(source: RawSource, path: Path | None, wanted: set[str], texts: RowSpill) -> ItemRows:
    """Read a metadata file; of several rows of an item, the first counts.

    Args:
        source: What reads it.
        path: The file; None if there is none.
        wanted: Items with a review.
        texts: Where their texts go; empty before.

    Raises:
        DataError: The file cannot be read.
    """
    row_of: dict[str, int] = {}
    seen: set[str] = set()
    filled: Counter[str] = Counter()
    read = nameless = 0
    for item in source.items(path) if path else ():
        read += 1
        nameless += not item.item
        seen.add(item.item)
        if item.item in wanted and item.item not in row_of:
            row_of[item.item] = len(row_of)
            fields = [text_field(item.texts.get(name, "")) for name in source.item_columns]
            filled.update(name for name, text in zip(source.item_columns, fields, strict=True) if text)
            texts.append(fields)
    seen.discard("")
    columns = {name: kind for name, kind in source.item_columns.items() if filled[name]}
    counts: dict[str, Any] = {}
    if path:
        counts = {
            "metadata_read": read,
            "metadata_repeated": read - nameless - len(seen),
            "metadata_of_items_without_a_review": len(seen) - len(row_of),
            "items_without_metadata": len(wanted) - len(row_of),
            "items_with": {name: filled[name] for name in columns},
            **({"metadata_without_id": nameless} if nameless else {}),
        }
    places = tuple(place for place, name in enumerate(source.item_columns) if name in columns)
    return ItemRows(sorted(wanted), columns, counts, row_of, places, texts)
