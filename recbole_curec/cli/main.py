"""Entry point of the command line: selects the subcommand, reports errors in one sentence, sets the exit code."""

from __future__ import annotations

import contextlib
import importlib
import importlib.resources
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from recbole_curec.cli.failures import USER_ERROR, Failure, Terminated, failure_of, note_start
from recbole_curec.errors import CURecError, in_one_line
from recbole_curec.terminal import open_closed_streams, say

if TYPE_CHECKING:
    from recbole_curec.cli.command import Command

# Each is imported only when it is called, so that no help waits for the libraries of a command.
COMMANDS = {
    "run": ("recbole_curec.cli.run:RUN", "train and test a model, with the same arguments as run_curec.py"),
    "recommend": (
        "recbole_curec.cli.recommend:RECOMMEND",
        "top-K lists of known, new or all users from a checkpoint",
    ),
    "explain": ("recbole_curec.cli.explain:EXPLAIN", "why items are recommended, or ratings predicted"),
    "evaluate": ("recbole_curec.cli.evaluate:EVALUATE", "quality of explanations, ours or somebody else's"),
    "export": ("recbole_curec.cli.export:EXPORT", "write the vectors as atomic files for plain RecBole models"),
    "benchmark": ("recbole_curec.cli.benchmark:BENCHMARK", "many rows times seeds under one protocol"),
    "tune": ("recbole_curec.cli.tune:TUNE", "search settings of many rows on validation, with the same budget each"),
    "annotate": ("recbole_curec.cli.annotate:ANNOTATE", "blinded sheets on which people compare explanations"),
    "judge": ("recbole_curec.cli.judge:JUDGE", "let a language model on a server compare explanations"),
    "prepare": ("recbole_curec.cli.prepare:PREPARE", "make atomic files from raw review files"),
}
CUREC_USAGE = "\n".join(
    [
        f"usage: curec {' | '.join(COMMANDS)} ...",
        "",
        *(f"  {name:<11}{summary}" for name, (_, summary) in COMMANDS.items()),
        "",
        "curec <command> --help says more.",
        "",
    ]
)


def main(argv: Sequence[str] | None = None) -> int:
    """``curec run``: return its exit code, 0, or that of :func:`failure_of`."""
    open_closed_streams()
    return _answer("run", list(sys.argv[1:] if argv is None else argv))


def console(argv: Sequence[str] | None = None) -> int:
    """The ``curec`` command: a subcommand and its arguments."""
    # As in run_curec.py; torch reads these when it is imported, which happens later.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    name, *arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    open_closed_streams()
    if name in COMMANDS:
        return _answer(name, arguments)
    if name in ("-h", "--help"):
        return _attempt(lambda: CUREC_USAGE, arguments)
    say(f"error: '{name}' is no command: give one of {', '.join(COMMANDS)}.", sys.stderr)
    return USER_ERROR


def _command(name: str) -> Command:
    # bitsandbytes warns about a missing kernel during its import; command_session silences the other libraries.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    module, _, attribute = COMMANDS[name][0].partition(":")
    command: Command = getattr(importlib.import_module(module), attribute)
    return command


def _usage(name: str) -> str:
    return importlib.resources.files(__package__).joinpath("usage", f"{name}.txt").read_text(encoding="utf-8")


def _answer(name: str, arguments: list[str]) -> int:
    def work() -> str:
        if any(argument in ("-h", "--help") for argument in arguments):
            return _usage(name)
        command = _command(name)
        try:
            return command.run(arguments)
        except BaseException as error:
            if not command.goes_on:
                note_start(error)
            raise

    return _attempt(work, arguments)


def _attempt(work: Callable[[], str], arguments: list[str]) -> int:
    """Print what a function returns, or one sentence about what it raises; return the exit code."""
    with _one_line_warnings(), _signals():
        try:
            text = work()
            if _rank() in ("", "0"):
                say(text, sys.stdout)
        except BaseException as error:  # noqa: BLE001 - the end of the program; failure_of knows every kind
            if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends at once
            return _report(failure_of(error, arguments))
        finally:
            if "recbole_curec.processes" in sys.modules:  # it imports torch, which an early error saves waiting for
                sys.modules["recbole_curec.processes"].stop()
    return 0


def _report(failure: Failure) -> int:
    if failure.sentence:
        _end_progress_bars()
        rank = f"rank {_rank()}: " if _rank() not in ("", "0") else ""
        with contextlib.suppress(BrokenPipeError, CURecError):  # nobody can be told
            say(f"{rank}error: {failure.sentence}", sys.stderr)
    return failure.code


def _end_progress_bars() -> None:
    """Close the bars that a run left open, so that what is said next begins a line of its own."""
    if "tqdm" in sys.modules:
        for bar in list(getattr(sys.modules["tqdm"].tqdm, "_instances", ())):
            with contextlib.suppress(OSError):  # nobody sees the bar any more
                bar.close()


def _rank() -> str:
    return os.environ.get("RANK", "") if os.environ.get("WORLD_SIZE", "1") != "1" else ""


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Raise ``Terminated`` on SIGTERM, so that temporary files are removed as after Ctrl-C; handlers are put back."""

    def end(_number: int, _frame: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may do this
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _one_line_warnings() -> Iterator[None]:
    """Log Python's warnings as one line each, without the library's source code."""

    def log(message: Warning | str, category: type[Warning], *_where: object, **_more: object) -> None:
        logging.getLogger("py.warnings").warning("%s: %s", category.__name__, in_one_line(message))

    with warnings.catch_warnings():
        warnings.showwarning = log
        yield
