"""Options of commands that read a checkpoint: their own ones, ids, and whole numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from recbole_curec.cli.command import names
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.suggestions import did_you_mean


def own_options(command: str, arguments: list[str], own: Sequence[str], recbole: Sequence[str]) -> dict[str, Any]:
    """The options of a command that takes model, dataset and settings from a checkpoint.

    Args:
        command: Its name.
        arguments: The arguments.
        own: Its own options.
        recbole: Settings of RecBole that can be given beside them.

    Raises:
        ConfigurationError: An argument is none of them.
    """
    model, dataset, files, given = parse_arguments(arguments)
    if model or dataset or files:
        raise ConfigurationError(f"curec {command} takes model, dataset and settings from the checkpoint: remove them.")
    for key in given:
        if key not in own and key not in recbole:
            options = ", ".join(f"--{name}" for name in (*own, *recbole))
            raise ConfigurationError(
                f"--{key} is no option of curec {command}{did_you_mean(key, [*own, *recbole])}: use {options}; other "
                "settings come from the checkpoint."
            )
    return given


def ids_given(arguments: Sequence[str], keys: Sequence[str]) -> dict[str, list[str]]:
    """Ids as strings: an id that looks like a number, such as 007 or 1e5, is not converted.

    Args:
        arguments: The arguments.
        keys: Options that hold ids, separated by commas.

    Raises:
        ConfigurationError: One of them names nothing.
    """
    found = {}
    for match in map(re.compile(f"--({'|'.join(keys)})=(.*)", re.DOTALL).fullmatch, arguments):
        if match:
            found[match[1]] = names(match[2])
            if not found[match[1]]:
                raise ConfigurationError(f"{match[0]} names nothing: give original ids separated by commas.")
    return found


def texts_given(arguments: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    """Options as they were typed, without reading a number, a truth value or a list in them.

    Args:
        arguments: The arguments.
        keys: Options that hold text.

    Raises:
        ConfigurationError: One of them is empty.
    """
    found = {}
    for match in map(re.compile(f"--({'|'.join(keys)})=(.*)", re.DOTALL).fullmatch, arguments):
        if match:
            found[match[1]] = match[2].strip()
            if not found[match[1]]:
                raise ConfigurationError(f"{match[0]} says nothing: give a value, or leave it out.")
    return found


def whole_number(key: str, value: Any, least: int) -> int:
    """A whole number that is not too small.

    Raises:
        ConfigurationError: It is none, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{key}={value!r} cannot be used: give a whole number of at least {least}.")
    return value
