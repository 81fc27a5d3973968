"""Lines of a raw file, plain or gzipped, read one at a time; a file that is damaged or packed otherwise is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tqdm import tqdm

from recbole_curec.data.gzip_files import DAMAGED, damage, unpacked
from recbole_curec.data.lines import MOST_CHARACTERS
from recbole_curec.errors import DataError

# What files begin with that hold raw files, or other formats, and are not read.
_OTHERS = {
    b"PK\x03\x04": "a zip archive: unpack it, and give the file within",
    b"BZh": "packed with bzip2: unpack it first",
    b"\xfd7zXZ": "packed with xz: unpack it first",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it first",
    b"PAR1": "a Parquet file: write it as JSON lines or CSV first",
}
_TAR, _TAR_AT = b"ustar", 257
_BYTE_ORDER_MARK = "\ufeff"


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, which count from 1, under a progress bar.

    Raises:
        DataError: The file does not exist, is damaged or packed in a way that is not read, or has a line without end.
    """
    if not path.is_file():
        raise DataError(f"'{path}' is no file: give the path of a raw file, plain or gzipped.")
    size = path.stat().st_size
    with (
        path.open("rb") as raw,
        tqdm(total=size, desc=path.name, unit="B", unit_scale=True, leave=False, disable=None) as bar,
    ):
        for number, line in enumerate(_lines(raw, path), start=1):
            bar.update(raw.tell() - bar.n)
            yield number, line


def first_text(path: Path) -> str:
    """The first line that is not blank, as text; empty if there is none."""
    texts = (text_of(line, path, number, "latin-1").strip() for number, line in raw_lines(path))
    return next(filter(None, texts), "")


def text_of(line: bytes, path: Path, number: int, spare_encoding: str | None = None) -> str:
    """A line as text, without its end.

    Args:
        line: The line.
        path: The file, for messages.
        number: Its number, for messages.
        spare_encoding: Encoding of a line that is not UTF-8.

    Raises:
        DataError: It is not UTF-8, and there is no other encoding.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        if spare_encoding is None:
            raise DataError(f"{path}, line {number}: the text is not UTF-8: save the file as UTF-8.") from error
        text = line.decode(spare_encoding)
    return (text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text).rstrip("\r\n")


def _lines(raw: IO[bytes], path: Path) -> Iterator[bytes]:
    """Lines of a file that may be gzipped."""
    start = raw.read(8)
    for begin, what in _OTHERS.items():
        if start.startswith(begin):
            raise DataError(f"'{path}' is {what}.")
    with unpacked(raw) as file:
        number = 0
        while True:
            number += 1
            try:
                line = file.readline(MOST_CHARACTERS + 1)
            except DAMAGED as error:
                raise DataError(f"{path}, after line {number - 1}: {damage(error)}") from error
            if not line:
                return
            if number == 1 and line[_TAR_AT:].startswith(_TAR):
                raise DataError(f"'{path}' is a tar archive: unpack it, and give the file within.")
            if len(line) > MOST_CHARACTERS:
                raise DataError(
                    f"{path}, line {number}: the line has more than {MOST_CHARACTERS:,} bytes: write one object per "
                    "line."
                )
            yield line
