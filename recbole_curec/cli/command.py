"""The type of subcommands, and helpers that several of them use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.processes import world


@dataclass(frozen=True)
class Command:
    """A subcommand.

    Attributes:
        run: From arguments to printed text.
        goes_on: Whether the same command again goes on from what was complete when it was ended.
    """

    run: Callable[[list[str]], str]
    goes_on: bool = True


def check_one_process(command: str) -> None:
    """Check that a command that runs in one process was not started with several.

    Raises:
        ConfigurationError: There are several processes.
    """
    if world().size > 1:
        raise ConfigurationError(
            f"curec {command} runs in one process, not in {world().size}: start it without torchrun or accelerate; it "
            "reuses the stages that `curec run` made with several."
        )


def names_model(files: Sequence[str]) -> bool:
    """Whether one of the config files names a model."""
    return any("model" in read_yaml(file) for file in files)


def names(text: Any) -> list[str]:
    """Names separated by commas, or a list of them."""
    found = text if isinstance(text, list | tuple) else str(text).split(",")
    return [str(name).strip() for name in found if str(name).strip()]
