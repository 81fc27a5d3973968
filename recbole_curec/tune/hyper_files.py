"""RecBole's ``.hyper`` files: one setting in a line, ``<name> <kind> <arguments>``.

RecBole evaluates the arguments as Python code. Here they are literals, and a line that it would skip is an error.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.tune.spaces import Dimension, dimension

_KINDS = ("choice", "uniform", "quniform", "loguniform")


def parse_hyper(text: str, path: str) -> dict[str, Dimension]:
    """The settings of a ``.hyper`` file with their values.

    The bounds of ``loguniform`` are natural logarithms, as hyperopt has them: ``-7,-4`` is 0.0009 to 0.018.

    Args:
        text: Content of the file.
        path: Its path, for messages.

    Raises:
        ConfigurationError: A line cannot be used, or names a setting again.
    """
    found: dict[str, Dimension] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split(maxsplit=2)
        if not words or words[0].startswith("#"):
            continue
        try:
            if len(words) < 3:
                raise ConfigurationError(f"{line.strip()!r} is not of the form '<setting> <kind> <arguments>'.")
            name, kind, arguments = words
            if name in found:
                raise ConfigurationError(f"{name} is given twice: remove a line.")
            found[name] = _dimension(name, kind, arguments)
        except ConfigurationError as error:
            raise ConfigurationError(f"Space '{path}', line {number}: {error}") from None
    return found


def _dimension(name: str, kind: str, text: str) -> Dimension:
    if kind not in _KINDS:
        raise ConfigurationError(f"{name}: there is no {kind!r}: use one of {', '.join(_KINDS)}.")
    if kind == "choice":
        return dimension(name, kind, [_unquoted(value) for value in _literal(name, text)])
    try:
        numbers = [_number(part) for part in text.split(",")]
    except ValueError:
        raise ConfigurationError(f"{name}: {kind}: {text!r} cannot be used: give numbers with commas.") from None
    if kind == "loguniform":
        try:
            return dimension(name, "log_uniform", [math.exp(number) for number in numbers])
        except OverflowError:
            raise ConfigurationError(
                f"{name}: loguniform: {text!r} cannot be used: bounds are natural logarithms, such as -7,-4."
            ) from None
    return dimension(name, kind, numbers)


def _literal(name: str, text: str) -> Sequence[Any]:
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        values = None
    if not isinstance(values, list | tuple):
        raise ConfigurationError(f"{name}: choice: {text!r} is no list of literals, such as [0.1, 0.2] or ['a', 'b'].")
    return values


def _unquoted(value: Any) -> Any:
    """A list that RecBole's own files write as a text, ``'[64, 64]'``, as the list."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            return ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            return value
    return value


def _number(text: str) -> float:
    value = float(text)
    return int(value) if math.isfinite(value) and value == int(value) and "." not in text else value
