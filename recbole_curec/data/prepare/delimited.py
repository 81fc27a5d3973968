"""Rows of delimited text, plain or gzipped, as mappings of columns to texts; a row that does not fit is named."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recbole_curec.data.long_fields import long_csv_fields
from recbole_curec.data.prepare.raw_lines import raw_lines, text_of
from recbole_curec.errors import DataError, shown

_LONGEST = 80


def delimited_rows(
    path: Path,
    separator: str,
    columns: Sequence[str] | None = None,
    *,
    quotes: bool = True,
    spare_encoding: str | None = None,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file with the number of their first line; blank lines are passed over.

    Args:
        path: The file.
        separator: What stands between two fields.
        columns: Names of the columns; None takes them from the first line.
        quotes: Whether fields may be quoted, as RFC 4180 says; if not, or if the separator has several characters, a
            quotation mark is text.
        spare_encoding: Encoding of lines that are not UTF-8.

    Raises:
        DataError: The file cannot be read, or a row has more or fewer fields than there are columns.
    """
    for number, fields in _rows(path, separator, quotes, spare_encoding):
        if columns is None:
            columns = [name.strip() for name in fields]
            continue
        if len(fields) != len(columns):
            raise DataError(
                f"{path}, line {number} has {len(fields)} fields and not {len(columns)} ({', '.join(columns)}): "
                f"{shown(separator.join(fields), _LONGEST)}; correct or remove that line."
            )
        yield number, dict(zip(columns, fields, strict=True))


def fields_of(text: str, separator: str, *, quotes: bool = True) -> list[str]:
    """The fields of one line, without blanks around them."""
    fields = text.split(separator)
    if quotes and len(separator) == 1:
        with contextlib.suppress(csv.Error), long_csv_fields():  # a line that is no row is told by whoever reads it
            fields = next(csv.reader([text], delimiter=separator), [])
    return [field.strip() for field in fields]


def _rows(path: Path, separator: str, quotes: bool, spare_encoding: str | None) -> Iterator[tuple[int, list[str]]]:
    if not quotes or len(separator) > 1:
        for number, line in raw_lines(path):
            text = text_of(line, path, number, spare_encoding)
            if text.strip():
                yield number, text.split(separator)
        return
    lines = (text_of(line, path, number, spare_encoding) + "\n" for number, line in raw_lines(path))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            with long_csv_fields():
                fields = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{path}, line {number}: the row cannot be read ({error}): write a quotation mark within a quoted "
                "field twice, and close every quoted field."
            ) from error
        if fields is None:
            return
        if fields:
            yield number, fields
