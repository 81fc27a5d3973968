"""Hashes of files, and checksums in JSON files: how damage is noticed that would read as another number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CHECKSUM = "checksum"


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def file_state(path: Path) -> tuple[int, ...]:
    """What changes whenever a file is written or replaced: size, both times, number on its disk.

    The time of modification alone may be set back by a copy, and by the clock.
    """
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def hashes_fault(folder: Path, hashes: Mapping[str, str]) -> str | None:
    """What is wrong with a folder whose files have been hashed; None if nothing is.

    Args:
        folder: The folder.
        hashes: SHA-256 by relative path; other files are ignored.
    """
    if missing := sorted(name for name in hashes if not (folder / name).is_file()):
        return f"{missing[0]} is missing"
    altered = [name for name, digest in sorted(hashes.items()) if file_hash(folder / name) != digest]
    return f"{altered[0]} was altered" if altered else None


def with_checksum(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts for a JSON file, with a checksum over all of them at the end."""
    return {**facts, _CHECKSUM: _checksum(facts)}


def checksum_fits(facts: Mapping[str, Any]) -> bool:
    """Whether facts that were read from a JSON file are those of :func:`with_checksum`, or have no checksum."""
    return _CHECKSUM not in facts or facts[_CHECKSUM] == _checksum(facts)


def _checksum(facts: Mapping[str, Any]) -> str:
    others = {name: value for name, value in facts.items() if name != _CHECKSUM}
    read_back = json.loads(json.dumps(others, default=str))
    return hashlib.sha256(json.dumps(read_back, sort_keys=True).encode()).hexdigest()
