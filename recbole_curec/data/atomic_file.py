"""RecBole's atomic files: tables whose header names columns as ``name:type``, read by one reader for every model.

Ids are text, whatever they look like; every record of the file becomes a row, or its line is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from recbole_curec.data.lines import MOST_CHARACTERS, blocks_of
from recbole_curec.data.records import Layout, LineNumbers, RecordStream, quoted_fields, wrong_count
from recbole_curec.errors import DataError
from recbole_curec.pipeline.hashes import file_state

TYPES = ("token", "token_seq", "float", "float_seq")
# Types of columns that hold text.
TEXT_TYPES = ("token", "token_seq")
PADDING = "[PAD]"


@dataclass(frozen=True)
class AtomicTable:
    """All records of a file as text.

    Attributes:
        path: The file.
        types: Type of every column of the header, in its order.
        table: The columns that were read, as text, named without their types.
        lines: Line of every record.
    """

    path: Path
    types: dict[str, str]
    table: pa.Table
    lines: LineNumbers

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def line(self, row: int) -> int:
        """Line of the file in which a row begins; rows count from 0."""
        return self.lines.of(row + 1)

    def texts(self, column: str) -> NDArray[np.object_]:
        """A column as it stands in the file, shape ``(N,)``."""
        found: NDArray[np.object_] = self.table[column].to_numpy(zero_copy_only=False)
        return found.astype(object, copy=False)

    def frame(self, *ids: str) -> pd.DataFrame:
        """Every column that was read, as text; ``ids`` names those read by :meth:`ids`."""
        names = self.table.column_names
        return pd.DataFrame({name: self.ids(name) if name in ids else self.texts(name) for name in names})

    def ids(self, column: str) -> NDArray[np.object_]:
        """A column of ids, without blanks around them, shape ``(N,)``.

        Raises:
            DataError: An id is empty, or is RecBole's name of padding.
        """
        ids = pc.utf8_trim_whitespace(self.table[column])
        for forbidden, why in (("", "is empty"), (PADDING, f"is {PADDING}, RecBole's own name for padding")):
            row = pc.index(ids, forbidden).as_py()
            if row >= 0:
                raise DataError(f"{self.path}, line {self.line(row)}: the {column} {why}: correct or remove that line.")
        names, codes = _coded(ids)
        return np.take(names, codes)  # every occurrence of an id is the same Python string

    def copies(self, columns: Sequence[str]) -> NDArray[np.bool_]:
        """Which rows have the same texts in some columns as an earlier row, shape ``(N,)``."""
        codes = pd.DataFrame({name: _coded(self.table[name])[1] for name in columns})
        found: NDArray[np.bool_] = codes.duplicated().to_numpy()
        return found

    def unique_ids(self, column: str) -> NDArray[np.object_]:
        """:meth:`ids` of a file with one row per id.

        Raises:
            DataError: An id occurs twice.
        """
        ids = self.ids(column)
        repeated = pd.Series(ids).duplicated().to_numpy()
        if repeated.any():
            row = int(repeated.argmax())
            raise DataError(
                f"{self.path}, line {self.line(row)}: {column} {ids[row]!r} occurs twice ({repeated.sum()} repeated "
                "rows in all): keep one row for each."
            )
        return ids

    def padded_ids(self, column: str) -> int:
        """Number of ids with blanks around them, which :meth:`ids` removes."""
        values = self.table[column]
        return int(pc.sum(pc.not_equal(values, pc.utf8_trim_whitespace(values))).as_py() or 0)

    def numbers(self, column: str, complete: bool = False) -> NDArray[np.float64]:
        """A column of numbers, shape ``(N,)``; nan where the file has none.

        Args:
            column: Its name.
            complete: Whether every row needs a number, as times do.

        Raises:
            DataError: A value is no number, is infinite, or is missing although every row needs one.
        """
        values = pc.utf8_trim_whitespace(self.table[column])
        try:
            numbers = pc.cast(pc.if_else(pc.equal(values, ""), "nan", values), pa.float64())
        except pa.ArrowInvalid:
            row = next(row for row, text in enumerate(values.to_pylist()) if not _is_number(text))
            raise self._wrong_number(column, row, "is no number", complete) from None
        found: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
        wrong = np.flatnonzero(~np.isfinite(found) if complete else np.isinf(found))
        if len(wrong):
            row = int(wrong[0])
            why = "is no finite number" if values[row].as_py() else "is missing"
            raise self._wrong_number(column, row, why, complete)
        return found

    def _wrong_number(self, column: str, row: int, why: str, is_time: bool) -> DataError:
        value = self.table[column][row].as_py()
        example = ", such as seconds since 1970" if is_time else ""
        return DataError(
            f"{self.path}, line {self.line(row)}: {column} {value[:80]!r} {why}: write a number{example}, or "
            "remove that line."
        )


def read_header(path: Path, separator: str, encoding: str) -> dict[str, str]:
    """Type of every column, in the order of the file.

    Raises:
        DataError: The header is not one of an atomic file, or there is no row below it.
    """
    return dict(_checked_header(path, separator, encoding, file_state(path)))


@lru_cache(maxsize=64)  # several checks and the dataset ask for the header of the same file
def _checked_header(path: Path, separator: str, encoding: str, _state: tuple[int, ...]) -> dict[str, str]:
    types, blocks = _header(path, separator, encoding)
    if next(blocks, None) is None:
        raise DataError(f"{path} has a header but no rows: put the interactions or entries below it.")
    return types


def read_atomic_file(path: Path, separator: str, encoding: str, columns: Collection[str] | None = None) -> AtomicTable:
    """All records of a file.

    Args:
        path: The file.
        separator: What stands between two fields, one or more characters.
        encoding: Text encoding of the file.
        columns: Names of the columns to keep; all of them if None. Every field of the file is counted all the same.

    Raises:
        DataError: The header is not one of an atomic file, or a line cannot be read.
    """
    types, blocks = _header(path, separator, encoding)
    layout = Layout(
        meant_separator(separator), len(types), tuple(k for k, kind in enumerate(types.values()) if kind == "float")
    )
    stream = RecordStream(blocks, layout, path)
    wrong: list[Any] = []

    def note(row: Any) -> str:
        wrong.append(row)
        return "skip"  # said below, where lines are known

    table = csv.read_csv(
        stream,
        csv.ReadOptions(use_threads=False, column_names=list(types), block_size=MOST_CHARACTERS * 8),
        csv.ParseOptions(
            delimiter=stream.separator,
            newlines_in_values=True,
            invalid_row_handler=note,
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(types, pa.string()),
            strings_can_be_null=False,
            include_columns=[name for name in types if columns is None or name in columns],
        ),
    )
    if wrong:
        raise wrong_count(path, stream.lines.of(wrong[0].number), wrong[0].actual_columns, len(types))
    return AtomicTable(path, types, table, stream.lines)


def _header(path: Path, separator: str, encoding: str) -> tuple[dict[str, str], Iterator[str]]:
    """The columns, and the text below the header in blocks of lines."""
    separator = meant_separator(separator)
    if not separator or any(mark in separator for mark in '\r\n"'):
        raise DataError(
            f"field_separator: {separator!r} cannot separate fields: give the characters between them, such as '\\t'."
        )
    blocks = blocks_of(path, encoding)
    first = next(blocks, "")
    header, _, rest = first.partition("\n")
    if not header.strip():
        raise DataError(f"{path} is empty: its first line must name the columns, for example 'user_id:token'.")
    if header.startswith("\ufeff"):
        raise DataError(f"{path} starts with a byte-order mark: save it without one or set encoding: utf-8-sig.")
    types: dict[str, str] = {}
    for field in quoted_fields(header.removesuffix("\r"), separator)[0]:
        name, _, kind = field.partition(":")
        if kind not in TYPES or not name:
            raise DataError(
                f"{path}: header field {field[:80]!r} is not 'name:type' with a type of {', '.join(TYPES)}: correct "
                f"it, or set field_separator (now {separator!r})."
            )
        if name in types:
            raise DataError(f"{path}: the header names the column '{name}' twice: rename or remove one.")
        types[name] = kind
    return types, chain([rest] if rest else [], blocks)


def meant_separator(separator: str) -> str:
    """The separator; shells and YAML's single quotes leave a tab as two characters."""
    return "\t" if separator == r"\t" else separator


def _coded(values: pa.ChunkedArray) -> tuple[NDArray[np.object_], NDArray[np.int32]]:
    """The different values of a column, and which of them every row has, shape ``(N,)``."""
    coded = values.dictionary_encode().unify_dictionaries()
    if not coded.num_chunks:
        return np.array([], dtype=object), np.array([], dtype=np.int32)
    names = coded.chunk(0).dictionary.to_numpy(zero_copy_only=False).astype(object)
    return names, np.concatenate([chunk.indices.to_numpy() for chunk in coded.chunks])


def _is_number(text: str) -> bool:
    try:
        pc.cast(pa.scalar(text or "nan"), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
