"""Rows of texts on disk: written in the order in which they come, read in any other, with few of them in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from recbole_curec.atomic_write import is_disk_full
from recbole_curec.errors import ConfigurationError, CURecError, DiskFullError

# Bytes of texts that are put in order at a time.
_PART = 32 << 20
# Most parts, each of which is an open file; beyond, parts grow.
_MOST_PARTS = 128
_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False)


class RowSpill:
    """Rows of texts in a file without a name, which is gone when the process is, however it ends.

    Args:
        folder: Folder on whose disk the file lies; it must exist.
        part: Bytes of texts that are put in order at a time.
    """

    def __init__(self, folder: Path, part: int = _PART) -> None:
        self._folder, self._part = folder, part
        self._file = _unnamed(folder)
        self._rows = self._bytes = 0

    def __enter__(self) -> RowSpill:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _close(self._file)

    def __len__(self) -> int:
        return self._rows

    def append(self, fields: Sequence[str]) -> None:
        """Add a row.

        Raises:
            DiskFullError: The disk is full.
        """
        line = _packed(fields)
        self._write(self._file, line)
        self._rows += 1
        self._bytes += len(line)

    def in_order(self, rows: NDArray[np.int64]) -> Iterator[list[str]]:
        """Some rows in an order of their own.

        The file is read once, from its beginning to its end: its rows are dealt out into parts that follow each other
        in the order wanted, and each part is put in order in memory.

        Args:
            rows: Numbers of rows, which count from 0, none of them twice.

        Raises:
            DiskFullError: The disk is full.
        """
        places = np.full(self._rows, -1, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        share = self._bytes * len(rows) // max(self._rows, 1)
        n_parts = max(1, min(_MOST_PARTS, -(-share // self._part), len(rows)))
        with ExitStack() as stack:
            parts = [_unnamed(self._folder) for _ in range(n_parts if n_parts > 1 else 0)]
            for part in parts:
                stack.callback(_close, part)
            if not parts:
                yield from _sorted(self._lines(places))
                return
            for place, line in self._lines(places):
                self._write(parts[place * n_parts // len(rows)], b"%d %b" % (place, line))
            for part in parts:
                self._rewind(part)
                yield from _sorted(_numbered(part))
                part.close()  # its disk is free again before the next is read

    def _lines(self, places: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
        """The rows that are wanted, in the order of the file, each with its place in the order wanted."""
        self._rewind(self._file)
        for place, line in zip(places, self._file, strict=True):
            if place >= 0:
                yield int(place), line

    def _write(self, file: IO[bytes], line: bytes) -> None:
        try:
            file.write(line)
        except OSError as error:
            raise self._named(error) from error

    def _rewind(self, file: IO[bytes]) -> None:
        try:
            file.seek(0)  # what is buffered is written first
        except OSError as error:
            raise self._named(error) from error

    def _named(self, error: OSError) -> CURecError:
        """The error of a file that has no name, with the folder it lies in."""
        if is_disk_full(error, self._folder):
            return DiskFullError(self._folder)
        return ConfigurationError(f"'{self._folder}' cannot be written ({error.strerror}): choose another folder.")


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what is still to be written is not needed, and has no name
        file.close()


def _unnamed(folder: Path) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder, buffering=1 << 18)


def _packed(fields: Sequence[str]) -> bytes:
    # JSON has no line breaks within; texts may hold halves of characters, which UTF-8 does not allow.
    return _JSON.encode(fields).encode("utf-8", "surrogatepass") + b"\n"


def _numbered(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for line in file:
        place, _, rest = line.partition(b" ")
        yield int(place), rest


def _sorted(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[str]]:
    for _, line in sorted(lines, key=lambda line: line[0]):
        fields: list[str] = json.loads(line.decode("utf-8", "surrogatepass"))
        yield fields
