"""What a command says when it fails: an exit code and one sentence for every exception, whoever raised it."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import sysconfig
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from recbole_curec.atomic_write import is_disk_full
from recbole_curec.errors import CURecError, DiskFullError

BUG, USER_ERROR, INTERRUPTED, BROKEN_PIPE, TERMINATED = 1, 2, 130, 141, 143
_LOG, _FROM_START = "curec_log", "curec_from_start"
_LONGEST = 300
_AGAIN = "run the same command again, which goes on from what was complete"
_FROM_THE_START = "run the same command again, which starts from the beginning"
_OS_FIXES = {
    errno.EACCES: "change its permissions, or choose another folder",
    errno.EPERM: "change its permissions, or choose another folder",
    errno.EROFS: "choose a folder that can be written",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "a part of the path is a file; choose another path",
    errno.EISDIR: "it is a folder; give a file",
    errno.EEXIST: "a file of this name is in the way; move it, or choose another path",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "raise the limit of open files with 'ulimit -n'",
    errno.ENFILE: "close other programs",
    errno.EIO: "check the disk",
}
# Libraries whose own exceptions mean that a file is not what its name says.
_READERS = ("safetensors", "safetensors_rust", "zipfile", "zlib", "pyarrow")
# What the libraries behind torch.distributed say when a process is gone.
_PEERS = ("gloo", "nccl", "closed by peer", "reset by peer")
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "unable to allocate")


class Terminated(BaseException):
    """The process was asked to end (SIGTERM)."""


@dataclass(frozen=True)
class Failure:
    """How a command ends.

    Attributes:
        code: Exit code: 2 for what the user can fix, 1 for a bug, 128 and the signal's number for a signal.
        sentence: What is said; empty where nobody reads it any more.
    """

    code: int
    sentence: str = ""


def note_log(error: BaseException, path: Path) -> None:
    """Note the log file that holds an error's traceback."""
    vars(error).setdefault(_LOG, path)


def note_start(error: BaseException) -> None:
    """Note that the command which was ended, or met a full disk, keeps nothing to go on from."""
    vars(error)[_FROM_START] = True


def failure_of(error: BaseException, arguments: Sequence[str] = ()) -> Failure:
    """Exit code and sentence of an exception.

    An unexpected one that was raised before there was a log file gets a file for its traceback in ``log_dir``.

    Args:
        error: What a command raised.
        arguments: Arguments of the command.
    """
    again = _FROM_THE_START if vars(error).get(_FROM_START) else _AGAIN
    if full := _full_disk(error):
        return Failure(USER_ERROR, f"{_one_line(full.fault)}: free some space and {again}.")
    if isinstance(error, CURecError):
        return Failure(USER_ERROR, _one_line(str(error)))
    if isinstance(error, KeyboardInterrupt):
        return Failure(INTERRUPTED, f"interrupted: {again}.")
    if isinstance(error, Terminated):
        return Failure(TERMINATED, f"ended by SIGTERM: {again}.")
    if isinstance(error, BrokenPipeError):
        return Failure(BROKEN_PIPE)
    sentence = _of_resource(error) or _of_peer(error) or _of_file(error) or _of_library(error)
    if sentence:
        return Failure(USER_ERROR, sentence)
    log = vars(error).get(_LOG) or _write_traceback(error, arguments)
    where = f"the traceback is in {log}" if log else "no file could be written for its traceback"
    foreign = _of_other_code(error, arguments)
    if foreign:
        return Failure(USER_ERROR, f"{foreign}; {where}.")
    return Failure(BUG, f"unexpected {_described(error)}: this is a bug of recbole-curec; please report it; {where}.")


def _full_disk(error: BaseException) -> DiskFullError | None:
    """The error that a full disk is, whichever library met it."""
    if isinstance(error, DiskFullError):
        return error
    if isinstance(error, OSError | RuntimeError) and is_disk_full(error, Path.cwd()):
        return DiskFullError(Path(error.filename or ".").parent if isinstance(error, OSError) else Path.cwd())
    return None


def _of_resource(error: BaseException) -> str | None:
    """The sentence about memory."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | OSError) and any(words in text for words in _OUT_OF_MEMORY)
    ):
        return (
            f"out of memory ({_described(error)}): set a smaller train_batch_size, eval_batch_size, "
            "generate.batch_size or MAX_ITEM_LIST_LENGTH, or smaller layers."
        )
    return None


def _of_peer(error: BaseException) -> str | None:
    """The sentence about another process of the same run, which ended while this one waited for it."""
    if os.environ.get("WORLD_SIZE", "1") == "1" or not isinstance(error, RuntimeError):
        return None
    if not any(words in str(error).lower() for words in _PEERS):
        return None
    return f"another process of this run ended ({_described(error)}): its own message says why."


def _of_file(error: BaseException) -> str | None:
    """The sentence about a file that cannot be opened, read or written."""
    if isinstance(error, UnicodeError):
        return f"a text cannot be read or written ({_described(error)}): save the file as UTF-8 or set encoding."
    if type(error).__module__.partition(".")[0] in _READERS:
        return (
            f"a file is damaged ({_described(error)}): copy or download it again, or delete it to have it made again."
        )
    if not isinstance(error, OSError):
        return None
    reason = error.strerror or _message(error)
    fix = _OS_FIXES.get(error.errno or 0, "check the path and the machine")
    if isinstance(error, ConnectionError | TimeoutError) or not error.errno:
        return f"a connection or a file failed ({_described(error)}): check the address, the path and the network."
    return f"'{error.filename}': {reason}: {fix}." if error.filename else f"{reason}: {fix}."


def _of_library(error: BaseException) -> str | None:
    """The sentence about a package that is missing, or that ended the program itself."""
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        if package == __name__.partition(".")[0]:
            return None
        return f"the package '{package}' is not installed, and this run needs it: pip install {package}."
    if isinstance(error, ImportError):
        return f"a package cannot be imported ({_message(error)}): install it again, in the version README.md names."
    if isinstance(error, SystemExit):
        frame, line = _frames(error)[-1]
        return (
            f"{Path(frame.f_code.co_filename).name}, line {line} ended the run (exit code {error.code}): what it "
            "printed says why; change the setting that it names."
        )
    if isinstance(error, EOFError):
        return "a library asked a question and nobody answered: give the missing setting or file beforehand."
    return None


def _of_other_code(error: BaseException, arguments: Sequence[str]) -> str | None:
    """The sentence about an error in RecBole or in a class of the user's, which ours called."""
    for frame, line in reversed(_frames(error)):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_folder(__name__.partition(".")[0])):
            return None
        if file.is_relative_to(_folder("recbole")):
            return _of_recbole(error, file, line, arguments)
        if file.is_file() and not _is_installed(file):
            return f"{_described(error)}, raised by {file}, line {line}: correct it there"
    return None


def _of_recbole(error: BaseException, file: Path, line: int, arguments: Sequence[str]) -> str:
    if isinstance(error, KeyError) and error.args:
        asked = next((text for text in arguments if text.partition("=")[2] == str(error.args[0])), None)
        if asked:
            return f"{asked} is no value that RecBole knows ({file.stem}.py, line {line}): give another"
        hint = ", or set threshold, which makes labels from ratings" if error.args[0] == "label" else ""
        return (
            f"RecBole needs '{error.args[0]}' ({file.stem}.py, line {line}), which is neither a loaded column nor a "
            f"setting: add it to load_col, or set it{hint}"
        )
    return (
        f"RecBole cannot work with these settings and data ({file.stem}.py, line {line}: {_described(error)}): change "
        "the setting or the column that this names, or use another model"
    )


def _frames(error: BaseException) -> list[tuple[FrameType, int]]:
    return list(traceback.walk_tb(error.__traceback__))


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    return Path((found.origin if found else None) or "/nowhere/at.all").parent


def _is_installed(file: Path) -> bool:
    standard = (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
    return bool({"site-packages", "dist-packages"} & set(file.parts)) or any(map(file.is_relative_to, standard))


def _described(error: BaseException) -> str:
    text = _message(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _message(error: BaseException) -> str:
    text = _one_line(str(error)).rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _one_line(text: str) -> str:
    return re.sub(r"\s*[\r\n]\s*", " ", text.strip())


def _write_traceback(error: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write the traceback of an error that no log file has; the folder for temporary files is the second choice."""
    given = [text.partition("=")[2] for text in arguments if re.match(r"--(run\.)?log_dir=", text)]
    name = f"curec-error-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() % 10**6}.log"
    text = "".join(traceback.format_exception(error))
    for folder in (Path(given[-1] if given else "log"), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except (OSError, ValueError):
            continue
        return folder / name
    return None
