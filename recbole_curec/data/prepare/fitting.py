"""Which layout a raw file has, and which source would read it, for a file that was given to the wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from recbole_curec.data.prepare.delimited import delimited_rows, fields_of
from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.data.prepare.raw_lines import first_text
from recbole_curec.data.prepare.source import SOURCES, Kind, RawLine, RawSource
from recbole_curec.errors import DataError

_ONE: dict[Kind, str] = {"reviews": "review", "items": "metadata"}
_FILE: dict[Kind, str] = {"reviews": "the file of reviews{}", "items": "the metadata file{}, or leave --items out"}
_SEPARATORS = ("\t", "::", ",", ";", "|")
Layout = tuple[str, ...]


def objects_in_layout(source: type[RawSource], kind: Kind, path: Path) -> Iterator[tuple[RawLine, Layout]]:
    """:func:`lines_in_layout` of a file of JSON lines; a table is told by the names in its first line."""
    start = first_text(path)
    separator = next((mark for mark in _SEPARATORS if mark in start), None)
    if start[:1] not in ("{", "[", "") and separator is not None:
        _check_header(source, kind, path, start, separator)
    yield from lines_in_layout(source, kind, path, json_lines(path))


def rows_in_layout(source: type[RawSource], kind: Kind, path: Path) -> Iterator[tuple[RawLine, Layout]]:
    """:func:`lines_in_layout` of comma-separated values with a header."""
    _check_header(source, kind, path, first_text(path), ",")
    yield from lines_in_layout(source, kind, path, delimited_rows(path, ","))


def lines_in_layout(
    source: type[RawSource], kind: Kind, path: Path, rows: Iterable[tuple[int, dict[str, Any]]]
) -> Iterator[tuple[RawLine, Layout]]:
    """The lines of a file with the layout that all of them have, one of ``source.fields``.

    Args:
        source: The source that reads the file.
        kind: What the file should hold.
        path: The file.
        rows: Its rows with their line numbers.

    Raises:
        DataError: The first line has none of the source's layouts, or a later one has another; the message names what
            is missing, and what would read the file.
    """
    layout: Layout | None = None
    for number, values in rows:
        line = RawLine(path, number, values)
        if layout is None:
            layout = _layout(source, kind, line)
        elif not line.has(layout):
            _check_mixed(source, layout, line)
        yield line, layout


def _check_header(source: type[RawSource], kind: Kind, path: Path, header: str, separator: str) -> None:
    if header:
        _layout(source, kind, RawLine(path, 1, dict.fromkeys(fields_of(header, separator))))


def _layout(source: type[RawSource], kind: Kind, line: RawLine) -> Layout:
    layouts = source.fields[kind]
    fits = fitting(line.values, source)
    # Reviews have ids of items as well, so that their keys can be enough for metadata.
    theirs = {both[0] for both in fits if both[1] is source}
    found = next((layout for layout in layouts if line.has(layout)), None)
    if found is not None and (kind == "reviews" or "reviews" not in theirs):
        return found
    missing = min(([key for key in layout if key not in line.values] for layout in layouts), key=len)
    needed = f"needs the keys {' or '.join(', '.join(layout) for layout in layouts)}"
    needed += f" ({', '.join(missing)} missing)" if missing else " and no user"
    raise DataError(
        f"{line.path}, line {line.number} is no {_ONE[kind]} of --source={source.name}, which {needed}: it has "
        f"{line.names()}; {_advice(source, kind, fits)}."
    )


def _advice(source: type[RawSource], kind: Kind, fits: list[tuple[Kind, type[RawSource]]]) -> str:
    if not fits:
        others = ", another source, or --source=table with --columns" if kind == "reviews" else ""
        return f"give {_FILE[kind].format('')}{others}"
    theirs, other = fits[0]
    if other is source:
        return f"these are keys of {theirs}: give it as --{theirs}, and {_FILE[kind].format(' here')}"
    return f"these are keys of {theirs} of --source={other.name}: give that source, and the file as --{theirs}"


def _check_mixed(source: type[RawSource], layout: Layout, line: RawLine) -> None:
    """A line without the keys of the lines before it: if it is whole, the file holds two formats."""
    fits = fitting(line.values, source, beside=layout)
    if fits:
        theirs, other = fits[0]
        raise DataError(
            f"{line.path}, line {line.number} has the keys of {theirs} of --source={other.name} ({line.names()}), "
            f"and the lines before it have {', '.join(layout)}: a file holds one format, so split it."
        )


def fitting(names: Iterable[str], first: type[RawSource], beside: Layout = ()) -> list[tuple[Kind, type[RawSource]]]:
    """The sources that read a file with such fields, and as what: one's own first, then those that need most fields.

    Args:
        names: The fields.
        first: The source whose own files come first.
        beside: Fields that are expected anyway; a file that is known by these alone is none.
    """
    there = set(names)
    kinds: tuple[Kind, ...] = ("reviews", "items")
    found = [
        (entry is not first, -len(layout), kind, entry)
        for entry in SOURCES.entries().values()
        for kind in kinds
        for layout in entry.fields.get(kind, ())
        if there.issuperset(layout) and not set(layout) <= set(beside)
    ]
    return [(kind, entry) for _, _, kind, entry in sorted(found, key=lambda fit: fit[:2])]
