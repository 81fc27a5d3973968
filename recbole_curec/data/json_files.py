"""JSON files that people hand over, read whole."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import IO, Any

from recbole_curec.errors import DataError, in_one_line

_GZIP = b"\x1f\x8b"
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
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
        with _opened(path) as file:
            return json.loads(file.read().decode("utf-8-sig"))
    except _DAMAGED as error:
        raise DataError(
            f"'{path}': the gzip file is cut off or damaged ({in_one_line(error)}): copy or download it again."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"'{path}' is not UTF-8: {advice_on_encoding}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"'{path}' is no JSON ({in_one_line(error)}): {advice}.") from error


def begins_list(path: Path) -> bool:
    """Whether a file, plain or gzipped, begins with the bracket of a JSON list; not where it is damaged there."""
    try:
        with _opened(path) as file:
            return file.read(_ENOUGH).removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"[")
    except _DAMAGED:
        return False  # whoever reads it says so


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    """An open file; whether it is packed says its beginning, not its name."""
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    return gzip.open(path) if packed else path.open("rb")
