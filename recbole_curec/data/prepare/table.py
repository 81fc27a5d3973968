"""Any table (CSV, TSV or another separator) or JSON lines, by a map of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.label_lists import read_column
from recbole_curec.data.prepare.column_map import column_map
from recbole_curec.data.prepare.delimited import delimited_rows, fields_of
from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.data.prepare.labels import texts_in
from recbole_curec.data.prepare.raw_lines import first_text
from recbole_curec.data.prepare.source import COLUMNS, PRODUCT_COLUMNS, SOURCES, RawItem, RawLine, RawReview, RawSource
from recbole_curec.data.prepare.times import seconds_of
from recbole_curec.errors import ConfigurationError, DataError, shown

_HOLDS = ("user", "item", "rating", "time", "summary", "review")
# The column of an atomic file for what a raw column holds.
_WRITTEN = {"rating": "rating", "time": "timestamp", "summary": "summary", "review": "review"}
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}
_GUESSES = ("\t", "::", ",", ";", "|")
_TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000}
_ITEMS = "item_columns"


@SOURCES.register
class TableSource(RawSource):
    """Files of any origin: what their columns hold is said by ``columns`` and ``item_columns``."""

    name: ClassVar[str] = "table"
    item_columns: ClassVar[dict[str, str]] = PRODUCT_COLUMNS
    reads: ClassVar[tuple[str, ...]] = ("columns", "item_columns", "separator", "header", "time_unit")

    def check(self, reviews: Path, items: Path | None) -> None:
        """Check the maps of columns, the separator and the unit of time."""
        self._map()
        if items is not None:
            self._item_map()
        elif self.options.item_columns is not None:
            raise ConfigurationError("item_columns says nothing without --items: give the metadata file too.")
        if self.options.time_unit not in _TICKS:
            raise ConfigurationError(
                f"time_unit={shown(self.options.time_unit)} cannot be used: give s, ms or us, the unit of times that "
                "are numbers."
            )

    def columns(self, path: Path) -> Mapping[str, str]:
        """What the map of columns names."""
        given = self._map()
        written = {column for holds, column in _WRITTEN.items() if holds in given}
        return {name: kind for name, kind in COLUMNS.items() if name in written}

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The rows in the order of the file; times are numbers or dates, as in its first row."""
        given = self._map()
        moment: Callable[[RawLine], float] | None = None
        for line in self._lines(path, given, "columns"):
            moment = moment or self._moment(line, given.get("time"))
            rating = given.get("rating")
            unrated = rating is None or line.values.get(rating) in (None, "")
            yield RawReview(
                line.id(given["user"]),
                line.id(given["item"]),
                None if unrated else line.number_of(str(rating)),
                moment(line) if "time" in given else None,
                line.text(given["summary"]) if "summary" in given else "",
                line.text(given["review"]) if "review" in given else "",
            )

    def items(self, path: Path) -> Iterator[RawItem]:
        """The rows of the metadata file; categories as :mod:`recbole_curec.data.label_lists` reads a column."""
        given = self._item_map()
        category = given.get("category")
        labels: list[tuple[str, ...]] = []
        if category is not None:
            cells = [_cell(line.values.get(category)) for line in self._lines(path, given, _ITEMS)]
            labels = read_column("category", cells, None)[0]
        for row, line in enumerate(self._lines(path, given, _ITEMS)):
            texts: dict[str, str | list[str]] = {
                name: " ".join(texts_in(line.values.get(column))) for name, column in given.items() if name != "item"
            }
            yield RawItem(line.id(given["item"]), {**texts, **({"category": list(labels[row])} if labels else {})})

    def _map(self) -> dict[str, str]:
        return column_map("columns", self.options.columns, _HOLDS, ("user", "item"))

    def _item_map(self) -> dict[str, str]:
        return column_map(_ITEMS, self.options.item_columns, ("item", *self.item_columns), ("item",))

    def _lines(self, path: Path, given: Mapping[str, str], option: str) -> Iterator[RawLine]:
        """The rows as they stand in the file; every column that was named is there."""
        wanted = list(given.values())
        start = first_text(path)
        if start.startswith("["):
            raise DataError(f"'{path}' is one JSON list: write one object per line, or a table.")
        rows = json_lines(path) if start.startswith("{") else self._table_rows(path, start, wanted, option)
        unseen, values = set(wanted), {}  # type: set[str], dict[str, Any]
        for number, values in rows:
            unseen -= values.keys()
            yield RawLine(path, number, values)
        if unseen and values:  # a key may be missing in some objects, but not in all
            raise _no_column(path, min(unseen), list(values), option)

    def _table_rows(
        self, path: Path, start: str, wanted: list[str], option: str
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        given = self.options.separator
        guesses = (_SEPARATORS.get(given, given),) if given is not None else _GUESSES
        headers = {mark: fields_of(start, mark) for mark in guesses}
        if not self.options.header:
            headers = {mark: [str(place) for place in range(1, len(found) + 1)] for mark, found in headers.items()}
        whole = [mark for mark, found in headers.items() if set(wanted) <= set(found)]
        best = whole[0] if whole else max(headers, key=lambda mark: len(headers[mark]))
        names = headers[best]
        missing = [column for column in wanted if column not in names]
        if missing and start:
            raise _no_column(path, missing[0], names, option)
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"{path}, line 1: two columns are named {twice!r}: give every column a name of its own.")
        return delimited_rows(path, best, None if self.options.header else names)

    def _moment(self, line: RawLine, column: str | None) -> Callable[[RawLine], float]:
        """How the times of a file are read, of which this is the first line."""
        if column is None:
            return lambda _: 0.0
        value = line.values.get(column)
        ticks = _TICKS[self.options.time_unit]
        if isinstance(value, str) and not _is_number(value) and seconds_of(value.strip()) is not None:
            return lambda line: line.seconds(column)
        return lambda line: line.number_of(column) / ticks


def _no_column(path: Path, column: str, names: list[str], option: str) -> DataError:
    return DataError(
        f"{option}: {path} has no column {column!r}: it has {', '.join(names[:20]) or 'none'}; correct --{option}, or "
        "give --separator (tab, comma, semicolon, bar or the characters themselves)."
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell(value: Any) -> str:
    """A value of a category column as one text."""
    return value if isinstance(value, str) else repr(texts_in(value)) if value is not None else ""
