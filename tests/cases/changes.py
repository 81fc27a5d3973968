"""Changes to the small dataset, to be put together in a line of the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cases.base import Base

Change = Callable[[Base], None]


def nothing(_base: Base) -> None:
    """The dataset as it is."""


def both(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(base: Base) -> None:
        for one in changes:
            one(base)

    return change


def cell(suffix: str, row: int, column: str, value: str) -> Change:
    """One field of one row; rows count from 1 below the header, a column is named without its type."""

    def change(base: Base) -> None:
        lines = base.lines(suffix)
        lines[row][_place(lines, column)] = value

    return change


def every(suffix: str, column: str, value: Callable[[str], str]) -> Change:
    """A column's fields, each replaced by a function of itself."""

    def change(base: Base) -> None:
        lines = base.lines(suffix)
        place = _place(lines, column)
        for fields in lines[1:]:
            fields[place] = value(fields[place])

    return change


def rename(column: str, before: str, after: str) -> Change:
    """One id in every row of both files."""

    def change(base: Base) -> None:
        for suffix in ("inter", "item"):
            if any(name.partition(":")[0] == column for name in base.lines(suffix)[0]):
                every(suffix, column, lambda value: after if value == before else value)(base)

    return change


def added(suffix: str, column: str, **values: str) -> Change:
    """A new last column; ``row10="text"`` sets its field in row 10, the other rows have ``word``."""

    def change(base: Base) -> None:
        for number, fields in enumerate(base.lines(suffix)):
            fields.append(values.get(f"row{number}", "word") if number else column)

    return change


def text(suffix: str, edit: Callable[[str], str], encoding: str | None = None) -> Change:
    """The whole text of a file, edited."""

    def change(base: Base) -> None:
        base.raw[suffix] = edit(base.text(suffix)).encode(encoding or base.encoding)

    return change


def raw(suffix: str, content: bytes) -> Change:
    """The bytes of a file."""

    def change(base: Base) -> None:
        base.raw[suffix] = content

    return change


def separator(mark: str) -> Change:
    """Another mark between the fields."""

    def change(base: Base) -> None:
        base.separator = mark

    return change


def without(suffix: str) -> Change:
    """No such file."""

    def change(base: Base) -> None:
        setattr(base, suffix, [])

    return change


def beside(write: Callable[[Path], object]) -> Change:
    """Something written into the folder of the data, ``{folder}`` in commands."""

    def change(base: Base) -> None:
        base.beside.append(write)

    return change


def _place(lines: list[list[str]], column: str) -> int:
    return [name.partition(":")[0] for name in lines[0]].index(column)
