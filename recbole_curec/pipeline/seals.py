"""Seals: hashes beside what an interrupted run goes on from, so that damage is noticed and nothing goes on from it.

Safetensors and Parquet hold no checksum, and a changed byte in a number reads as another number. A finished artifact is
checked by the hashes in its ``run.json``; what a stage keeps in its scratch folder is checked by its seal. What has no
seal, because an earlier version wrote it, is taken as it is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

from recbole_curec.atomic_write import write_text, write_text_to, write_whole
from recbole_curec.pipeline.artifacts import move_aside
from recbole_curec.pipeline.hashes import file_hash, hashes_fault

logger = logging.getLogger(__name__)

SEAL = "seal.json"
_SEAL_SUFFIX = ".seal"


def write_sealed(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file atomically, with its seal beside it.

    Args:
        path: The file.
        write: Writes the content to the temporary path it is given.

    Raises:
        ConfigurationError: The file cannot be written there.
        DiskFullError: The disk is full.
    """
    digest: list[str] = []

    def write_and_hash(temporary: Path) -> None:
        write(temporary)
        digest.append(file_hash(temporary))

    def write_seal(temporary: Path) -> None:
        write_text_to(json.dumps({path.name: digest[0]}))(temporary)

    write_whole({path: write_and_hash, _seal_of(path): write_seal})


def is_kept(path: Path) -> bool:
    """Whether a file of :func:`write_sealed` is there and undamaged; a damaged one is moved aside with a warning."""
    if not path.is_file():
        return False
    if fault := sealed_fault(path):
        set_aside(path, fault)
        return False
    return True


def sealed_fault(path: Path) -> str | None:
    """What is wrong with a file of :func:`write_sealed`; None if nothing is, or if it has no seal."""
    return _fault(path.parent, _seal_of(path))


def sealed_files(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that were written, by name: those that are there, and those that only a seal tells of."""
    there = set(folder.glob(pattern))
    told = {
        seal.with_name(seal.name[1:].removesuffix(_SEAL_SUFFIX)) for seal in folder.glob(f".{pattern}{_SEAL_SUFFIX}")
    }
    return sorted(there | told)


def set_aside(path: Path, fault: str) -> None:
    """Move a damaged file aside, which is then made again, and say so.

    Args:
        path: The file.
        fault: What is wrong with it.
    """
    logger.warning("%s is damaged (%s): it is moved aside and made again.", path, fault)
    move_aside(path)


def seal_folder(folder: Path) -> None:
    """Write a seal over all files of a folder into it."""
    write_text(folder / SEAL, json.dumps(folder_hashes(folder)))


def folder_fault(folder: Path) -> str | None:
    """What is wrong with a folder of :func:`seal_folder`; None if nothing is, or if it has no seal."""
    return _fault(folder, folder / SEAL)


def folder_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder by its relative path; hidden files and a seal are left out."""
    return {
        str(path.relative_to(folder)): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != SEAL and not path.name.startswith(".")
    }


def _seal_of(path: Path) -> Path:
    return path.with_name(f".{path.name}{_SEAL_SUFFIX}")


def _fault(folder: Path, seal: Path) -> str | None:
    if not seal.is_file():
        return None
    try:
        hashes = json.loads(seal.read_text(encoding="utf-8"))
        return hashes_fault(folder, {str(name): str(digest) for name, digest in hashes.items()})
    except (OSError, ValueError, AttributeError):
        return f"{seal.name} cannot be read"
