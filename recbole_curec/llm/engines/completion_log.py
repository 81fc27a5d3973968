"""A log of finished completions on disk, so that an interrupted call requests only the missing ones."""

from __future__ import annotations

import json
import logging
import os
import zlib
from pathlib import Path

logger = logging.getLogger(__name__)


class CompletionLog:
    """A JSONL file of completions by key.

    Args:
        path: The file; completions in it are kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._texts: dict[str, str] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.is_file() else b""
        # A process killed during a write leaves an incomplete last line.
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(path, len(whole))
        lost = 0
        for line in whole.splitlines():
            try:
                entry = json.loads(line)
                key, text = entry["key"], entry["text"]
                key.encode(), text.encode()  # no text with half a character, which nothing could be written of
                if entry.get("sum") in (None, _sum(key, text)):  # earlier versions wrote none
                    self._texts[key] = text
                else:
                    lost += 1
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                lost += 1
        if lost:
            logger.warning("%d lines of %s are damaged: their completions are requested again.", lost, path)

    def get(self, key: str) -> str | None:
        """The completion of a key; None if there is none."""
        return self._texts.get(key)

    def add(self, key: str, text: str) -> None:
        """Add a completion; it is in the file when this returns."""
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps({"key": key, "text": text, "sum": _sum(key, text)}) + "\n")
        self._texts[key] = text


def _sum(key: str, text: str) -> int:
    """Checksum of a line: a changed character would read as another text."""
    return zlib.crc32(json.dumps([key, text]).encode())
