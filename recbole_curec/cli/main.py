"""Which command is meant, its exit code, and one sentence per error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from recbole_curec.cli.benchmark import BENCHMARK
from recbole_curec.cli.command import Command
from recbole_curec.cli.export import EXPORT
from recbole_curec.cli.recommend import RECOMMEND
from recbole_curec.cli.run import RUN
from recbole_curec.errors import CURecError
from recbole_curec.processes import stop, world
from recbole_curec.terminal import printable

COMMANDS = {"run": RUN, "recommend": RECOMMEND, "export": EXPORT, "benchmark": BENCHMARK}
CUREC_USAGE = "\n".join(
    [
        f"usage: curec {' | '.join(COMMANDS)} ...",
        "",
        *(f"  {name:<11}{command.summary}" for name, command in COMMANDS.items()),
        "",
        "curec <command> --help says more.",
        "",
    ]
)
USER_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """``curec run``: return its exit code, 0, or 2 when a setting or the data cannot be used."""
    return _answer(RUN, list(sys.argv[1:] if argv is None else argv))


def console(argv: Sequence[str] | None = None) -> int:
    """The ``curec`` command: a subcommand and its arguments."""
    if argv is None and "OMP_WAIT_POLICY" not in os.environ:
        # As in run_curec.py; torch, which reads it while it loads, was imported on the way here.
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
        os.execve(sys.executable, [sys.executable, "-m", "recbole_curec.cli", *sys.argv[1:]], environment)  # noqa: S606
    name, *arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in ("-h", "--help"):
        print(CUREC_USAGE)
        return 0
    if name not in COMMANDS:
        print(f"error: '{name}' is no command: give one of {', '.join(COMMANDS)}.", file=sys.stderr)
        return USER_ERROR
    return _answer(COMMANDS[name], arguments)


def _answer(command: Command, arguments: list[str]) -> int:
    if any(argument in ("-h", "--help") for argument in arguments):
        print(command.usage)
        return 0
    try:
        text = command.run(arguments)
    except CURecError as error:
        rank = "" if world().is_main else f"rank {world().rank}: "
        print(printable(f"{rank}error: {error}"), file=sys.stderr)
        return USER_ERROR
    finally:
        stop()
    if world().is_main:
        print(printable(text))
    return 0
