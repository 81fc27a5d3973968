"""Runs of the command in processes that can be killed: an interpreter of its own, or a fork of this one."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

_ROOT = Path(__file__).parents[2]
_LIMIT = 900.0  # seconds after which a run hangs
_STAGE = re.compile(r"\[\d+/\d+\] (\w+): (started|continued|reused|.*)")
_LOG = "said.txt"


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        code: Exit code; minus the signal's number where a signal ended it.
        said: What it wrote to standard output and standard error.
        seconds: Wall time.
    """

    code: int
    said: str
    seconds: float

    @property
    def error(self) -> str:
        """The line that says why it failed; empty if none does."""
        return next((line for line in reversed(self.said.splitlines()) if line.startswith("error: ")), "")

    @property
    def in_one_sentence(self) -> bool:
        """Whether it failed as a run should: exit code 2, one line that says why, no traceback."""
        return self.code == 2 and bool(self.error) and "Traceback" not in self.said

    def computed(self) -> list[str]:
        """Stages that it computed, in order."""
        return [found[1] for found in _STAGE.finditer(self.said) if found[2] in ("started", "continued")]


class Running:
    """A run in a process group of its own.

    Args:
        pid: The process.
        log: Where it writes.
    """

    def __init__(self, pid: int, log: Path) -> None:
        self.pid, self._log, self._began = pid, log, time.monotonic()
        self._status: int | None = None

    def ended(self) -> bool:
        """Whether it is over."""
        if self._status is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if done else None
        return self._status is not None

    def wait(self, seconds: float = _LIMIT) -> bool:
        """Wait for its end, for so long; whether it is over."""
        until = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < until:
            time.sleep(0.005)
        return self.ended()

    def kill(self) -> None:
        """Kill the whole group, as ``kill -9`` does."""
        if not self.ended():
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()

    def result(self) -> Ended:
        """What became of it; one that does not end is killed."""
        if not self.wait():
            self.kill()
        assert self._status is not None
        spent = time.monotonic() - self._began
        return Ended(os.waitstatus_to_exitcode(self._status), self._log.read_text("utf-8", "replace"), spent)

    def stage(self) -> str:
        """The stage it is in, by what it has said so far; 'imports' before the first."""
        found = list(_STAGE.finditer(self._log.read_text("utf-8", "replace")))
        if not found:
            return "imports"
        return found[-1][1] if found[-1][2] in ("started", "continued") else f"after {found[-1][1]}"


def fresh(arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Running:
    """Start ``run_curec.py`` in a folder, in an interpreter of its own."""
    log = _new_log(folder)
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, str(_ROOT / "run_curec.py"), *arguments],
            cwd=folder,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(_ROOT), **(environment or {})},
        )
    process.returncode = 0  # Running waits for it
    return Running(process.pid, log)


def forked(arguments: Sequence[str], folder: Path, command: str = "run", log: Path | None = None) -> Running:
    """Start a ``curec`` command in a folder, in a fork of this process, which has imported everything."""
    from recbole_curec.cli.main import console

    return fork(lambda: console([command, *arguments]), folder, log)


def fork(work: Callable[[], int], folder: Path, log: Path | None = None) -> Running:
    """Start a function in a fork of this process, which stands in a folder; what it returns is the exit code."""
    log = _new_log(folder) if log is None else log
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return Running(pid, log)
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        tqdm._instances.clear()  # the parent's bars are none of this run's
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(handle, stream)
        code = work()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def import_everything() -> None:
    """Import what the commands import, so that forks need not; their garbage collection leaves it alone."""
    import lightgbm  # noqa: F401
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401
    import peft  # noqa: F401
    import trl  # noqa: F401

    from recbole_curec.api import explaining  # noqa: F401
    from recbole_curec.cli import explain, export, prepare, recommend, run  # noqa: F401
    from recbole_curec.training import grpo, sft  # noqa: F401

    gc.freeze()


def _new_log(folder: Path) -> Path:
    """A log outside the folder of the run, which may lie on a full disk."""
    folder.mkdir(parents=True, exist_ok=True)
    logs = Path(os.environ["FAULT_LOGS"])
    logs.mkdir(parents=True, exist_ok=True)
    return logs / f"{folder.name}-{time.monotonic_ns()}-{_LOG}"
