"""Options of commands: those beside a checkpoint, those of commands without one, and checks of their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from recbole_curec.api.whole_numbers import check_whole
from recbole_curec.cli.command import names
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments, parse_overrides
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
        ConfigurationError: An argument is none of them, one is missing, or a text is empty.
    """
    given = parse_overrides(arguments)
    for key in given:
        if key not in options:
            known = ", ".join(f"--{name}" for name in options)
            raise ConfigurationError(
                f"--{key} is no option of curec {command}{did_you_mean(key, options)}: use {known}."
            )
    given |= texts_given(arguments, texts)
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
    check_whole(key, value, least)
    return int(value)


def check_used(given: Mapping[str, Any], options: Sequence[str], needed: str) -> None:
    """Check that no option is given that says nothing without another one.

    Args:
        given: The options by name.
        options: Those that need the other one.
        needed: The other one.

    Raises:
        ConfigurationError: One is given without it.
    """
    for name in options:
        if name in given and needed not in given:
            raise ConfigurationError(f"--{name} says nothing without --{needed}: give that too, or leave it out.")


def check_not_read(output: Path, read: Iterable[str | Path]) -> None:
    """Check that a file which will be written is none of those that a command reads.

    Args:
        output: The file that will be written.
        read: What is read; words among them are no files.

    Raises:
        ConfigurationError: It is one of them.
    """
    there = output.resolve()
    if any(user_path("file", path).resolve() == there for path in read):
        raise ConfigurationError(
            f"output: '{output}' is read by this command and would be overwritten: give another name."
        )
