"""Files with one JSON object per line, plain or gzipped, read line by line; a line that cannot be read is named."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recbole_curec.data.prepare.raw_lines import raw_lines, text_of
from recbole_curec.errors import DataError, shown

_LONGEST = 80


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with their line numbers, which count from 1; blank lines are passed over.

    A line that is no JSON may be a Python literal (``{'title': 'Pick'}``), as in the metadata of older Amazon data.

    Raises:
        DataError: The file does not exist or is damaged, or a line is no object or is not UTF-8.
    """
    for number, line in raw_lines(path):
        text = text_of(line, path, number).strip()
        if text:
            yield number, _object(text, path, number)


def _object(text: str, path: Path, number: int) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        found = _literal(text)
        if found is None:
            where = f"column {error.colno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
            raise DataError(
                f"{path}, line {number} is no JSON ({where}): {shown(text, _LONGEST)}; correct or remove that line "
                "(each line must hold one whole object)."
            ) from error
    if not isinstance(found, dict):
        raise DataError(
            f"{path}, line {number} holds {shown(found, _LONGEST)}, which is no JSON object: write one object per "
            'line, such as {"key": "value"}.'
        )
    return found


def _literal(text: str) -> dict[str, Any] | None:
    """A mapping written as a Python literal, which is read without running anything; None if it is none."""
    if not text.startswith("{"):
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
