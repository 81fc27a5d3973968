"""Entry point of the command line: selects the subcommand, reports errors in one sentence, sets the exit code."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recbole_curec.atomic_write import is_disk_full
from recbole_curec.errors import CURecError, DiskFullError
from recbole_curec.terminal import printable

if TYPE_CHECKING:
    from recbole_curec.cli.command import Command

# Each is imported only when it is called, so that the help does not wait for the libraries of all of them.
COMMANDS = {
    "run": ("recbole_curec.cli.run:RUN", "train and test a model, with the same arguments as run_curec.py"),
    "recommend": (
        "recbole_curec.cli.recommend:RECOMMEND",
        "top-K lists of known, new or all users from a checkpoint",
    ),
    "export": ("recbole_curec.cli.export:EXPORT", "write the vectors as atomic files for plain RecBole models"),
    "benchmark": ("recbole_curec.cli.benchmark:BENCHMARK", "many rows times seeds under one protocol"),
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
USER_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """``curec run``: return its exit code, 0, or 2 when a setting or the data cannot be used."""
    return _answer("run", list(sys.argv[1:] if argv is None else argv))


def console(argv: Sequence[str] | None = None) -> int:
    """The ``curec`` command: a subcommand and its arguments."""
    # As in run_curec.py; torch reads these when it is imported, which happens later.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    name, *arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in ("-h", "--help"):
        print(CUREC_USAGE)
        return 0
    if name not in COMMANDS:
        print(f"error: '{name}' is no command: give one of {', '.join(COMMANDS)}.", file=sys.stderr)
        return USER_ERROR
    return _answer(name, arguments)


def _command(name: str) -> Command:
    # bitsandbytes warns about a missing kernel during its import; command_session silences the other libraries.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    module, _, attribute = COMMANDS[name][0].partition(":")
    command: Command = getattr(importlib.import_module(module), attribute)
    return command


def _answer(name: str, arguments: list[str]) -> int:
    command = _command(name)
    from recbole_curec.processes import stop, world  # with torch, which the command has imported by now

    if any(argument in ("-h", "--help") for argument in arguments):
        print(command.usage)
        return 0
    try:
        text = _run(command, arguments)
    except CURecError as error:
        rank = "" if world().is_main else f"rank {world().rank}: "
        print(printable(f"{rank}error: {error}"), file=sys.stderr)
        return USER_ERROR
    finally:
        stop()
    if world().is_main:
        print(printable(text))
    return 0


def _run(command: Command, arguments: list[str]) -> str:
    """Run a command; errors of a full disk become one ``DiskFullError``, whichever library raised them."""
    try:
        return command.run(arguments)
    except (OSError, RuntimeError) as error:
        if is_disk_full(error, Path.cwd()):
            raise DiskFullError(Path.cwd()) from error
        raise
