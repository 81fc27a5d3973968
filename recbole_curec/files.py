"""Files that are whole or not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from recbole_curec.errors import ConfigurationError


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; see :func:`write_whole`."""
    write_whole({path: write_text_to(text)})


def write_whole(files: dict[Path, Callable[[Path], None]]) -> None:
    """Write files under temporary names and rename them when all are complete; an error leaves none behind.

    Args:
        files: For every path, what writes it to the temporary path it is given.

    Raises:
        ConfigurationError: A file cannot be written there.
    """
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in files}
    try:
        for path, write in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(temporary[path])
        for path, made in temporary.items():
            made.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"'{error.filename or next(iter(files))}' cannot be written ({error.strerror}): choose another folder."
        ) from error
    finally:
        for made in temporary.values():
            made.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """Check that a folder is there, or can be made, and that files can be written into it.

    Raises:
        ConfigurationError: It is a file, lies below one, or belongs to somebody else.
    """
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise ConfigurationError(f"'{folder}' cannot be a folder: '{there}' is a file; choose another folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigurationError(f"'{folder}' cannot be written: '{there}' is read-only; choose another folder.")


def write_text_to(text: str) -> Callable[[Path], None]:
    """What writes a UTF-8 text, for :func:`write_whole`."""

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8", newline="\n")

    return write
