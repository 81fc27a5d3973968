"""Checks of what a run needs around it: one process per command, folders that can be written, optional packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import check_folder
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checks.candidate import Candidate

# Settings of RecBole's own launcher, and the value that means one process.
_LAUNCHER = {"nproc": 1, "world_size": 1, "offset": 0, "local_rank": None, "ip": None, "port": None}


def check_processes(candidate: Candidate) -> None:
    """Check that no settings of RecBole's launcher are given where nothing reads them.

    Raises:
        ConfigurationError: They are: one process would run.
    """
    if candidate.launched:
        return
    for key, harmless in _LAUNCHER.items():
        value = candidate.given.get(key, harmless)
        if value != harmless:
            raise ConfigurationError(
                f"{key}={value!r} cannot be used: only recbole.quick_start.run starts processes by settings, and here "
                "one process would run: remove it, and start the command with torchrun to train the language model on "
                "several."
            )


def check_folders(candidate: Candidate) -> None:
    """Check that checkpoints, artifacts and converted models can be written.

    Raises:
        ConfigurationError: A folder cannot be made or written.
    """
    check_output_folder("checkpoint_dir", candidate.final.get("checkpoint_dir"))
    for key in ("run.artifact_dir", "llm.converted_dir"):
        folder = candidate.final.get(key)
        # What others have made may lie in a folder that can only be read.
        if folder is not None and not _has_content(folder):
            check_output_folder(key.partition(".")[2], folder)


def _has_content(folder: Any) -> bool:
    path = Path(str(folder)).expanduser()
    try:
        return path.is_dir() and any(path.iterdir())
    except OSError:
        return False  # check_output_folder says what is wrong with it


def check_output_folder(key: str, folder: Any) -> None:
    """Check that a folder can be written.

    Args:
        key: Setting that names the folder, for the message.
        folder: The folder.

    Raises:
        ConfigurationError: It cannot.
    """
    if not isinstance(folder, str | Path) or not str(folder):
        raise ConfigurationError(f"{key}={folder!r} cannot be used: it must be the path of a folder.")
    try:
        check_folder(Path(folder).expanduser())
    except ConfigurationError as error:
        raise ConfigurationError(f"{key}: {error}") from error


def check_packages(candidate: Candidate) -> None:
    """Check that optional packages are installed.

    Raises:
        ConfigurationError: ``log_wandb`` is set and wandb is missing.
    """
    if candidate.final.get("log_wandb") and importlib.util.find_spec("wandb") is None:
        raise ConfigurationError(
            "log_wandb: True needs the package 'wandb', which is not installed: pip install wandb, or set log_wandb: "
            "False."
        )
