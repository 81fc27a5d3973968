"""Whole numbers that a user gives."""

from __future__ import annotations

from typing import Any

from recbole_curec.errors import ConfigurationError, shown


def check_whole(name: str, value: Any, least: int) -> None:
    """Check that a value is a whole number and not too small.

    Raises:
        ConfigurationError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{name}={shown(value)} cannot be used: give a whole number of at least {least}.")
