"""The map of a file's columns that a user gives: ``user=uid,item=pid,rating=stars``."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.errors import ConfigurationError, shown
from recbole_curec.suggestions import did_you_mean


def column_map(option: str, text: str | None, known: Sequence[str], needed: Sequence[str]) -> dict[str, str]:
    """Columns of a file by what they hold.

    Args:
        option: The option, for messages.
        text: What was given.
        known: What columns can hold.
        needed: Of these, what a file must have.

    Raises:
        ConfigurationError: It cannot be read, says something twice or something unknown, or lacks what is needed.
    """
    example = ",".join(f"{name}=<column>" for name in needed)
    found: dict[str, str] = {}
    for part in (text or "").split(","):
        name, mark, column = (piece.strip() for piece in part.partition("="))
        if text and not (name and mark and column):
            raise ConfigurationError(
                f"{option}={shown(text)}: {part!r} is not of the form name=column: give {example}."
            )
        if name and name not in known:
            raise ConfigurationError(
                f"{option}: {name!r} is nothing that a column can hold{did_you_mean(name, known)}: use "
                f"{', '.join(known)}."
            )
        if name in found:
            raise ConfigurationError(f"{option}: {name} is given twice: name one column for it.")
        if name:
            found[name] = column
    missing = [name for name in needed if name not in found]
    if missing:
        raise ConfigurationError(f"{option}: {', '.join(missing)} missing: give --{option}={example}.")
    return found
