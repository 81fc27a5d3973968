"""Fingerprints: short hashes of everything an artifact depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from recbole_curec.pipeline.hashes import file_hash, file_state


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Hash of JSON-like data, stable across runs and machines: 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def streamed_fingerprint(parts: Iterable[tuple[str, Any]]) -> str:
    """The :func:`fingerprint` of a mapping that would be large, from its items in the order of their keys."""
    digest, separator = hashlib.sha256(b"{"), ""
    for key, value in parts:
        digest.update(f"{separator}{json.dumps(key)}: {json.dumps(value, sort_keys=True, default=str)}".encode())
        separator = ", "
    digest.update(b"}")
    return digest.hexdigest()[:16]


def folder_fingerprint(folder: Path) -> str:
    """Hash of the names and contents of all files below a folder; hidden files are ignored.

    A file that has not been written since it was hashed is not read again.
    """
    parts = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            parts[str(name)] = cached_file_hash(path)
    return fingerprint(parts)


def cached_file_hash(path: Path) -> str:
    """SHA-256 of a file; it is not read again while its :func:`file_state` stays the same."""
    return _hash(path.resolve(), file_state(path))


@lru_cache(maxsize=4096)
def _hash(path: Path, _state: tuple[int, ...]) -> str:
    return file_hash(path)
