"""JSON files that people hand over, read whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recbole_curec.data.gzip_files import DAMAGED, damage, unpacked
from recbole_curec.errors import DataError, in_one_line

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENOUGH = 1 << 12  # bytes in which anything but blanks stands


def read_json(path: Path, advice: str, advice_on_encoding: str) -> Any:
    """The content of a JSON file, plain or gzipped, with or without a byte-order mark.

    Args:
        path: The file.
        advice: What to do where it is no JSON.
        advice_on_encoding: What to do where it is not UTF-8.

    Raises:
        DataError: It is neither, or a damaged gzip file.
    """
    try:
        with path.open("rb") as raw, unpacked(raw) as file:
            return json.loads(file.read().decode("utf-8-sig"))
    except DAMAGED as error:
        raise DataError(f"'{path}': {damage(error)}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"'{path}' is not UTF-8: {advice_on_encoding}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"'{path}' is no JSON ({in_one_line(error)}): {advice}.") from error


def begins_list(path: Path) -> bool:
    """Whether a file, plain or gzipped, begins with the bracket of a JSON list; not where it is damaged there."""
    try:
        with path.open("rb") as raw, unpacked(raw) as file:
            return file.read(_ENOUGH).removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"[")
    except DAMAGED:
        return False  # whoever reads it says so
