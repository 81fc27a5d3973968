"""Writing of atomic files: cleaned texts, one record per line, nothing that would need quotation marks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from recbole_curec.data.cleaning import clean_text


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as an atomic file.

    Args:
        path: The file.
        columns: Header fields, ``name:type``.
        rows: Fields without tabs, line breaks and double quotes.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in chain([columns], rows):
            file.write("\t".join(row) + "\n")


def number_field(value: float) -> str:
    """A number in full precision, without a decimal point where it is whole."""
    return repr(value).removesuffix(".0")


def text_field(value: str | list[str]) -> str:
    """A cleaned text; of several labels a list that :mod:`recbole_curec.data.label_lists` reads."""
    if isinstance(value, str):
        return clean_text(value)
    labels = list(dict.fromkeys(filter(None, map(clean_text, value))))
    return json.dumps(labels, ensure_ascii=False) if labels else ""
