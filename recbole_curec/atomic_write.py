"""Atomic file writes: a file is written under a temporary name, flushed to disk, then renamed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from recbole_curec.errors import ConfigurationError, DiskFullError

# Error messages for a full disk of libraries that do not pass on the error number.
_FULL_DISK = ("no space left on device", "disk quota exceeded", "not enough free disk space")
# What torch says instead, and may say for other reasons too.
_TORCH_WRITER = ("pytorchstreamwriter failed", "inline_container.cc", "iostream error")
_NOTHING_LEFT = 1 << 20
# What temporary files are called; a killed process leaves them.
TEMPORARY = ".*.tmp"


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; see :func:`write_whole`."""
    write_whole({path: write_text_to(text)})


def write_whole(files: dict[Path, Callable[[Path], None]]) -> None:
    """Write files under temporary names and rename them when all are on disk; after an error no file is changed.

    Args:
        files: For every path, a function that writes the content to the temporary path it is given.

    Raises:
        ConfigurationError: A file cannot be written there.
        DiskFullError: The disk is full.
    """
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in files}
    try:
        for path, write in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(temporary[path])
            flush(temporary[path])
        for path, made in temporary.items():
            made.replace(path)
    except (OSError, RuntimeError) as error:
        first = next(iter(files))
        if is_disk_full(error, first.parent):
            raise DiskFullError(first.parent) from error
        if not isinstance(error, OSError):
            raise
        raise ConfigurationError(
            f"'{error.filename or first}' cannot be written ({error.strerror}): choose another folder."
        ) from error
    finally:
        for made in temporary.values():
            made.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file, or the directory entries of a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some file systems cannot flush a folder
            raise
    finally:
        os.close(handle)


def is_disk_full(error: BaseException, folder: Path) -> bool:
    """Whether an error of any library means that the disk is full.

    Args:
        error: The error that was raised.
        folder: Folder that was being written to.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    message = str(error).lower()
    if any(words in message for words in _FULL_DISK):
        return True
    return (
        any(words in message for words in _TORCH_WRITER)
        and shutil.disk_usage(nearest_existing(folder)).free < _NOTHING_LEFT
    )


def nearest_existing(path: Path) -> Path:
    """The path itself if it exists, else its nearest parent that does."""
    return next(there for there in (path.absolute(), *path.absolute().parents) if there.exists())


def check_folder(folder: Path) -> None:
    """Check that a folder exists or can be made, and that files can be written into it.

    Raises:
        ConfigurationError: It is a file, lies below a file, is not writable, or its path cannot be one.
    """
    if "\0" in str(folder):
        raise ConfigurationError(f"{str(folder)!r} cannot be a folder: a path holds no NUL character; choose another.")
    try:
        there = nearest_existing(folder)
        if not there.is_dir():
            raise ConfigurationError(f"'{folder}' cannot be a folder: '{there}' is a file; choose another folder.")
        if not os.access(there, os.W_OK | os.X_OK):
            raise ConfigurationError(f"'{folder}' cannot be written: '{there}' is read-only; choose another folder.")
        # A system user passes every test of permissions, and still cannot write into /proc.
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ConfigurationError(f"'{folder}' cannot be written ({error.strerror}): choose another folder.") from error


def check_output_file(path: Path, suffixes: Sequence[str]) -> None:
    """Check that a file which the user names can be written, before its content is computed.

    Args:
        path: The file.
        suffixes: Endings that its name may have.

    Raises:
        ConfigurationError: Its name ends otherwise, it is a folder, or its folder cannot be written.
    """
    if path.suffix not in suffixes:
        raise ConfigurationError(f"output: '{path}' must end in {' or '.join(suffixes)}: rename it.")
    if path.is_dir():
        raise ConfigurationError(f"output: '{path}' is a folder: give the name of a file in it.")
    check_folder(path.parent)


def write_text_to(text: str) -> Callable[[Path], None]:
    """A function that writes a UTF-8 text to a path, for :func:`write_whole`."""

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8", newline="\n")

    return write
