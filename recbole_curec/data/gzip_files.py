"""Files that may be gzipped: what a file is says its beginning, not its name."""

from __future__ import annotations

import gzip
import zlib
from typing import IO

from recbole_curec.errors import in_one_line

# What reading a gzip file raises that is cut off or damaged.
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
_BEGINNING = b"\x1f\x8b"


def unpacked(raw: IO[bytes]) -> IO[bytes] | gzip.GzipFile:
    """The content of an open file from its start, unpacked if it is gzipped."""
    raw.seek(0)
    packed = raw.read(len(_BEGINNING)) == _BEGINNING
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if packed else raw


def damage(error: BaseException) -> str:
    """What to say of one of :data:`DAMAGED`."""
    return f"the gzip file is cut off or damaged ({in_one_line(error)}): copy or download it again."
