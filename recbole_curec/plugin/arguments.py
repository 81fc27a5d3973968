"""Parsing of a command line in RecBole's format: ``--model=CURec --config_files=a.yaml b.yaml --key=value``."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.given_values import PATHS
from recbole_curec.plugin.setting_kinds import KINDS
from recbole_curec.plugin.yaml_files import flow_value
from recbole_curec.settings.settings import collection_names, given_twice, path_names, secret_names, text_choices

_NULLS = ("none", "null", "~")
_TEXTS = PATHS | {"model", "dataset"}
_PLAIN_TYPES = (str, int, float, list, tuple, dict, bool, type(None))


def parse_text(text: str) -> Any:
    """Read a setting given as text: a Python literal, true/false/none/null/~ in any case, or else the text itself.

    Unlike RecBole's ``eval`` this never runs code: ``__import__('os')`` stays a string.
    """
    word = text.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    if word in _NULLS:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, _PLAIN_TYPES) else text


def parse_value(key: str, text: str) -> Any:
    """Read the value of a setting.

    A word that the setting accepts, such as ``fusion: none``, stays a string. A mapping or a list may be written as in
    Python, ``{'auc': 0}``, or as in a config file, ``{auc: 0}``.
    """
    if text in text_choices().get(key, ()):
        return text
    if key in _TEXTS or key in path_names():  # a folder named '2024' and a dataset named '1e5' are no numbers
        return None if text.strip().lower() in _NULLS else text
    value = parse_text(text)
    found = flow_value(value.strip()) if isinstance(value, str) else None
    return found if found is not None and _can_be(key, type(found)) else value


def _can_be(key: str, kind: type) -> bool:
    """Whether a setting may be a mapping or list written without quotes; ``[5,inf]`` is an interval and stays text."""
    ours = collection_names().get(key)
    if ours is not None and key not in recbole_keys.known_keys():
        return kind in ours
    default = recbole_keys.general_defaults().get(key)
    return kind is dict or isinstance(default, list) or key in KINDS or "." in key


def parse_overrides(arguments: Sequence[str]) -> dict[str, Any]:
    """Read ``--key=value`` arguments; values may contain ``=``.

    Raises:
        ConfigurationError: An argument is not of this form, or a key is given twice with different values.
    """
    overrides: dict[str, Any] = {}
    before = ""
    for argument in arguments:
        key, equals, text = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or not equals or not key:
            raise ConfigurationError(f"Argument {_shown(argument, before)} is not of the form --key=value.")
        before = key
        value = parse_value(key, text)
        if key in overrides and overrides[key] != value:
            raise ConfigurationError(f"--{given_twice(key, overrides[key], value)}")
        overrides[key] = value
    return overrides


def _shown(argument: str, before: str) -> str:
    """An argument as it may be repeated: not the value of a setting in which a secret may stand."""
    name, equals, _ = argument.partition("=")
    if equals:
        return repr(f"{name}=...") if name.lstrip("-") in secret_names() else repr(argument)
    return f"after --{before}" if before in secret_names() else repr(argument)


def parse_arguments(argv: Sequence[str]) -> tuple[str | None, str | None, list[str], dict[str, Any]]:
    """Read a whole command line.

    Args:
        argv: Arguments without the program's name.

    Returns:
        Model, dataset (None where not given), config files, and all other settings.

    Raises:
        ConfigurationError: An argument is not of the form ``--key=value``.
    """
    files: list[str] = []
    rest: list[str] = []
    in_files = False
    for argument in argv:
        if argument.startswith("--config_files="):
            # One quoted argument may hold several files, as in RecBole's own scripts.
            files += argument.partition("=")[2].split()
            in_files = True
        elif in_files and not argument.startswith("--"):
            files.append(argument)
        else:
            in_files = False
            rest.append(argument)
    overrides = parse_overrides(rest)
    model, dataset = overrides.pop("model", None), overrides.pop("dataset", None)
    return None if model is None else str(model), None if dataset is None else str(dataset), files, overrides
