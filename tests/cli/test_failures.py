"""Every exception ends a command with one sentence and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from recbole.evaluator import Evaluator
from safetensors import SafetensorError

import recbole_curec
from recbole_curec.cli import main as cli
from recbole_curec.cli.command import Command
from recbole_curec.cli.failures import Terminated, failure_of, note_log
from recbole_curec.cli.prepare import PREPARE
from recbole_curec.errors import DataError, DiskFullError
from tests.signals import hear_ctrl_c

ROOT = Path(recbole_curec.__file__).resolve().parents[1]


def _command(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr(cli, "_command", lambda _name: Command(run))


def _raiser(error: BaseException) -> Any:
    def run(_arguments: list[str]) -> str:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DataError("a\n  b: c."), 2, "a b: c."),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Terminated(), 143, "SIGTERM"),
        (MemoryError(), 2, "out of memory (MemoryError): set a smaller train_batch_size"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried"), 2, "train_batch_size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 2, "out of memory"),
        (pa.ArrowMemoryError("malloc of size 9 failed"), 2, "out of memory"),
        (PermissionError(errno.EACCES, "Permission denied", "a/b"), 2, "'a/b': Permission denied: change its perm"),
        (OSError(errno.EMFILE, "Too many open files", "f"), 2, "ulimit -n"),
        (OSError(errno.EROFS, "Read-only file system", "f"), 2, "choose a folder that can be written"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "f"), 2, "shorter name"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "f"), 2, "part of the path is a file"),
        (OSError(errno.ENOSPC, "No space left on device", "f"), 2, "The disk is full"),
        (RuntimeError("write: No space left on device"), 2, "The disk is full"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), 2, "check the address"),
        (TimeoutError(), 2, "a connection or a file failed (TimeoutError)"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 2, "save the file as UTF-8"),
        (SafetensorError("HeaderTooLarge"), 2, "a file is damaged (SafetensorError: HeaderTooLarge)"),
        (pa.ArrowInvalid("Parquet magic bytes not found"), 2, "a file is damaged"),
        (ModuleNotFoundError("No module named 'dgl'", name="dgl.nn"), 2, "pip install dgl"),
        (ImportError("cannot import name 'x'"), 2, "cannot be imported (cannot import name 'x')"),
        (EOFError("EOF when reading a line"), 2, "nobody answered"),
        (SystemExit(-1), 2, "ended the run (exit code -1)"),
        (SystemExit(0), 2, "ended the run (exit code 0)"),
    ],
)
def test_one_sentence_and_an_exit_code(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, _raiser(error))
    assert cli.main(["--model=BPR"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1, "one line"
    assert not list(Path().iterdir()), "no log before there is one"


@pytest.mark.parametrize(("goes_on", "said"), [(True, "which goes on from"), (False, "which starts from the")])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), Terminated()])
def test_what_a_command_that_was_ended_does_when_it_is_run_again(
    error: BaseException, goes_on: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_command", lambda _name: Command(_raiser(type(error)()), goes_on=goes_on))
    assert cli.main(["--model=BPR"]) in (130, 143)
    assert f"run the same command again, {said}" in capsys.readouterr().err


@pytest.mark.parametrize(("goes_on", "said"), [(True, "goes on from what was complete"), (False, "starts from the")])
@pytest.mark.parametrize("make", [lambda: DiskFullError(Path("there")), lambda: OSError(28, "full", "there/file")])
def test_whoever_runs_the_command_says_whether_it_goes_on_after_a_full_disk(
    make: Callable[[], Exception],
    goes_on: bool,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cli, "_command", lambda _name: Command(_raiser(make()), goes_on=goes_on))
    assert cli.main(["--model=BPR"]) == 2
    start = (
        "error: The disk is full: nothing more can be written below 'there': free some space and run the same command"
    )
    assert capsys.readouterr().err.startswith(f"{start} again, which {said}")


def test_prepare_starts_from_the_beginning() -> None:
    assert not PREPARE.goes_on


def test_a_bug_names_its_kind_and_where_its_traceback_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("recbole_curec.cli.run.parse_arguments", float)
    assert cli.main(["--model=BPR", "--log_dir=elsewhere"]) == 1
    err = capsys.readouterr().err
    (log,) = Path("elsewhere").iterdir()
    assert err.startswith("error: unexpected TypeError: float() argument must be")
    assert err.endswith(f"the traceback is in {log}.\n")
    assert "Traceback" in log.read_text()
    assert "parse_arguments(arguments)" in log.read_text()
    assert "this is a bug of recbole-curec" in err


def test_a_log_file_that_exists_is_named(tmp_path: Path) -> None:
    error = IndexError("list index out of range")
    note_log(error, tmp_path / "run.log")
    note_log(error, tmp_path / "second.log")
    failure = failure_of(error)
    assert failure.code == 1
    assert f"the traceback is in {tmp_path / 'run.log'}." in failure.sentence
    assert not list(Path().iterdir())


def test_what_recbole_raises_is_for_the_user_to_fix(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        Evaluator({"metrics": ["nothing"]})
    except KeyError as error:
        failure = failure_of(error)
        named = failure_of(error, ["--model=BPR", "--metrics=nothing"])
    assert failure.code == named.code == 2
    assert failure.sentence.startswith("RecBole needs 'nothing' (evaluator.py, line ")
    assert named.sentence.startswith("--metrics=nothing is no value that RecBole knows (evaluator.py, line ")


def test_another_process_that_ended_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    error = RuntimeError("[/pytorch/gloo/transport/tcp/pair.cc:547] Connection closed by peer [127.0.1.1]:2211")
    assert failure_of(error).code == 1
    monkeypatch.setenv("WORLD_SIZE", "2")
    failure = failure_of(error)
    assert failure.code == 2
    assert failure.sentence.startswith("another process of this run ended (RuntimeError: [/pytorch/gloo")


def test_what_a_users_own_class_raises_names_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_part.py").write_text("def work():\n    return {}['key']\n")
    monkeypatch.syspath_prepend(tmp_path)
    import own_part  # type: ignore[import-not-found]

    try:
        own_part.work()
    except KeyError as error:
        failure = failure_of(error)
    assert failure.code == 2
    assert failure.sentence.startswith(f"KeyError: 'key', raised by {tmp_path / 'own_part.py'}, line 2: correct it")


# A command that needs none of the heavy libraries, in a process of its own.
PROGRAM = """
import sys, time, warnings
from recbole_curec.cli import main as cli
from recbole_curec.cli.command import Command
def work(arguments):
    {work}
cli._command = lambda name: Command(work)
sys.exit(cli.console(["run"]))
"""


def _start(work: str, redirected: str = "", **environment: str) -> subprocess.Popen[str]:
    program = PROGRAM.format(work=textwrap.indent(work, "    ").strip())
    Path("program.py").write_text(program)
    return subprocess.Popen(
        ["bash", "-c", f'exec "{sys.executable}" program.py {redirected}'],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        preexec_fn=hear_ctrl_c,
    )


@pytest.mark.parametrize(("number", "code", "said"), [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "SIGTERM")])
def test_signals_end_a_command_in_one_line(number: str, code: int, said: str) -> None:
    started = _start("try:\n    print('ready', flush=True)\n    time.sleep(60)\nfinally:\n    print('cleaned')")
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    started.send_signal(getattr(signal, number))
    out, err = started.communicate(timeout=120)
    assert (started.returncode, out) == (code, "cleaned\n")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("redirected", "code"),
    [
        ("| true; exit ${PIPESTATUS[0]}", 141),
        ("2>&1 | true; exit ${PIPESTATUS[0]}", 141),
        (">&-", 0),
        (">&- 2>&- <&-", 0),
        ("> /dev/full", 2),
    ],
)
def test_no_output_is_no_traceback(redirected: str, code: int) -> None:
    started = _start("time.sleep(0.5)\nreturn 'table ' * 5000", redirected.replace("exec", ""))
    _, err = started.communicate(timeout=60)
    assert started.returncode == code
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1:strict"])
def test_a_table_reaches_any_terminal(encoding: str) -> None:
    started = _start("warnings.warn('naïve 愛')\nreturn 'Amélie 愛 \\ud800 0.1234'", PYTHONIOENCODING=encoding)
    assert started.stdout is not None
    assert started.stderr is not None
    # Read as bytes: what cannot be encoded is spelled out.
    out, err = started.stdout.buffer.read(), started.stderr.buffer.read()  # type: ignore[attr-defined]
    assert started.wait() == 0, err
    assert out.endswith(b" \\u611b \\ud800 0.1234\n")
    assert b"UserWarning: na" in err
    assert b"program.py" not in err
