"""Options of commands: those beside a checkpoint, those of commands without one, ids, and whole numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from recbole_curec.cli.command import names
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.arguments import parse_arguments, parse_overrides
from recbole_curec.suggestions import did_you_mean

_OPTION = re.compile(r"--([\w.]+)=(.*)", re.DOTALL)


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


def given_options(
    command: str, arguments: Sequence[str], options: Sequence[str], needed: Sequence[str], texts: Sequence[str]
) -> dict[str, Any]:
    """The options of a command that reads no checkpoint's settings.

    Args:
        command: Its name.
        arguments: The arguments.
        options: Its options.
        needed: Those that must be given.
        texts: Those that are text, whatever they look like: a folder named '2024' is no number.

    Raises:
        ConfigurationError: An argument is none of them, or one is missing.
    """
    given = parse_overrides(arguments)
    for key in given:
        if key not in options:
            known = ", ".join(f"--{name}" for name in options)
            raise ConfigurationError(
                f"--{key} is no option of curec {command}{did_you_mean(key, options)}: use {known}."
            )
    given |= {match[1]: match[2] for match in map(_OPTION.fullmatch, arguments) if match and match[1] in texts}
    missing = [f"--{name}" for name in needed if not given.get(name)]
    if missing:
        raise ConfigurationError(f"curec {command} needs {', '.join(missing)}: see curec {command} --help.")
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
