"""Logging (to the terminal and to a file) and number of threads while a command runs."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from recbole_curec.cli.failures import Terminated, note_log
from recbole_curec.cli.log_handlers import LogFileHandler, TerminalHandler
from recbole_curec.hardware import available_cores
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.plugin.shims import set_tensorboard_dir
from recbole_curec.processes import world
from recbole_curec.settings.travel import settings_of
from recbole_curec.terminal import say

# Libraries whose log messages are not useful to the user of a run.
_QUIET = (
    "bitsandbytes",
    "httpx",
    "httpx2",
    "openai",
    "datasets",
    "accelerate",
    "transformers",
    "peft",
    "trl",
    "matplotlib",
)


@contextlib.contextmanager
def command_session(config: Any) -> Iterator[None]:
    """Log to the terminal and to ``<log_dir>/<model>/``, as RecBole does, and use ``num_threads`` threads.

    The file also gets the traceback of what the command raises.
    """
    run = settings_of(config).run
    set_threads(run.num_threads)
    level = getattr(logging, str(config["state"] or "INFO").upper(), logging.INFO)
    folder = Path(run.log_dir)
    set_tensorboard_dir(str(folder / "tensorboard"))
    path = folder / str(config["model"])
    stamp = time.strftime("%Y%m%d-%H%M%S")
    file = path / f"{config['model']}-{config['dataset']}-{stamp}-{os.getpid()}.log"
    to_file: logging.Handler = logging.NullHandler()
    if world().is_main:
        check_output_folder("log_dir", path if run.log_dir else run.log_dir)
        path.mkdir(parents=True, exist_ok=True)
        to_file = LogFileHandler(file)
    else:
        level = max(level, logging.ERROR)  # the first process already logs what all of them do
    root = logging.getLogger()
    before = root.level
    root.setLevel(level)
    handlers = (to_file, TerminalHandler())
    for handler in handlers:
        root.addHandler(handler)
    _quiet_libraries()
    to_file.handle(root.makeRecord("recbole_curec", level, "", 0, f"settings: {config}", (), None))
    try:
        with warnings.catch_warnings():
            # The user cannot fix deprecated calls inside transformers and RecBole.
            warnings.simplefilter("ignore", FutureWarning)
            yield
    except BaseException as error:
        trace = (type(error), error, error.__traceback__)
        to_file.handle(root.makeRecord("recbole_curec", logging.ERROR, "", 0, "the command failed", (), trace))
        if world().is_main:
            note_log(error, file)
        if isinstance(error, KeyboardInterrupt | Terminated) and config["show_progress"]:
            # A signal may come while a progress bar is being written, and then no bar is left to be closed.
            say("", sys.stderr)
        raise
    finally:
        set_tensorboard_dir(None)
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def _quiet_libraries() -> None:
    import datasets
    import transformers

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    datasets.disable_progress_bars()
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def set_threads(wanted: int | None) -> None:
    """Set the number of torch's threads; None means all cores, divided by the number of processes on the machine."""
    torch.set_num_threads(wanted or max(1, available_cores() // world().local_size))
