"""Lines of a text file in a given encoding, in blocks, with the line named where something is not text."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from recbole_curec.errors import DataError

# Longest record, in characters.
MOST_CHARACTERS = 1 << 22
_CHUNK = 1 << 22


def blocks_of(path: Path, encoding: str) -> Iterator[str]:
    """The file's text in blocks of whole lines; every line ends with a line feed, perhaps after a carriage return.

    A file whose lines end with carriage returns alone is read as if they were line feeds.

    Raises:
        DataError: The encoding is unknown, the text is not in it, or holds NUL characters or a line without end.
    """
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)  # refuses codecs that are no text encodings, such as zlib
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, ValueError) as error:
        raise DataError(f"encoding: '{encoding}' is not an encoding Python knows: use for example utf-8.") from error
    line, rest, returns = 1, "", None
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            text = _decoded(decoder, chunk, path, encoding, line + rest.count("\n"))
            if returns is None and text:
                returns = "\r" in text and "\n" not in text
            text = rest + (text.replace("\r", "\n") if returns else text)
            end = text.rfind("\n") + 1
            block, rest = text[:end], text[end:]
            if not chunk and rest:
                block, rest = f"{block}{rest}\n", ""
            _check(block or rest, path, line, encoding)
            if block:
                yield block
                line += block.count("\n")
            if not chunk:
                return


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, path: Path, encoding: str, line: int) -> str:
    try:
        return decoder.decode(chunk, final=not chunk)
    except UnicodeError as error:
        before = bytes(error.object[: error.start]) if isinstance(error, UnicodeDecodeError) else b""
        raise DataError(
            f"{path}, line {line + before.count(10)}: the text is not {encoding.upper()}: save the file as UTF-8 or "
            "set encoding (for example latin-1)."
        ) from error


def _check(block: str, path: Path, line: int, encoding: str) -> None:
    if "\0" in block:
        number = line + block[: block.index("\0")].count("\n")
        raise DataError(
            f"{path}, line {number}: there is a NUL character, which no text has: write the file again, or set "
            f"encoding (now {encoding}; files with many of them are often utf-16)."
        )
    if len(block) > MOST_CHARACTERS and "\n" not in block:
        raise DataError(
            f"{path}, line {line}: the line has more than {MOST_CHARACTERS:,} characters: put line breaks between the "
            "records, or shorten the text."
        )
