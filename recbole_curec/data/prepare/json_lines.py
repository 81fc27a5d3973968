"""Files with one JSON object per line, plain or gzipped, read line by line; a line that cannot be read is named."""

from __future__ import annotations

import ast
import contextlib
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from recbole_curec.data.lines import MOST_CHARACTERS
from recbole_curec.errors import DataError, in_one_line, shown

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = "\ufeff"
_LONGEST = 80


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with their line numbers, which count from 1; blank lines are passed over.

    A line that is no JSON may be a Python literal (``{'title': 'Pick'}``), as in the metadata of older Amazon data.

    Raises:
        DataError: The file does not exist or is damaged, or a line is no object or is not UTF-8.
    """
    if not path.is_file():
        raise DataError(f"'{path}' is no file: give the path of a file of JSON lines, plain or gzipped.")
    size = path.stat().st_size
    with (
        path.open("rb") as raw,
        tqdm(total=size, desc=path.name, unit="B", unit_scale=True, leave=False, disable=None) as bar,
    ):
        for number, line in enumerate(_lines(raw, path), start=1):
            bar.update(raw.tell() - bar.n)
            text = _text(line, path, number)
            if text:
                yield number, _object(text, path, number)


def _lines(raw: IO[bytes], path: Path) -> Iterator[bytes]:
    """Lines of a file that may be gzipped; what it is says its beginning, not its name."""
    packed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    with contextlib.ExitStack() as stack:
        file: IO[bytes] | gzip.GzipFile = stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw
        number = 0
        while True:
            number += 1
            try:
                line = file.readline(MOST_CHARACTERS + 1)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DataError(
                    f"{path}, after line {number - 1}: the gzip file is cut off or damaged ({in_one_line(error)}): "
                    "copy or download it again."
                ) from error
            if not line:
                return
            if len(line) > MOST_CHARACTERS:
                raise DataError(
                    f"{path}, line {number}: the line has more than {MOST_CHARACTERS:,} bytes: write one object per "
                    "line."
                )
            yield line


def _text(line: bytes, path: Path, number: int) -> str:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}, line {number}: the text is not UTF-8: save the file as UTF-8.") from error
    return (text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text).strip()


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
