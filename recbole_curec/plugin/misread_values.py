"""Which setting an error of RecBole's ``Config`` is about, where its message does not say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from recbole_curec.errors import in_one_line, shown
from recbole_curec.settings.settings import public_settings


def about_a_value(error: Exception, values: Mapping[str, Any], build: Callable[[dict[str, Any]], object]) -> str:
    """Message that names the setting without which there is no error.

    RecBole's own messages about values are sentences; those of Python, such as ``'int' object is not subscriptable``,
    are not.

    Args:
        error: What building a config raised.
        values: Every setting that was given.
        build: Builds a config from settings.
    """
    reason = in_one_line(error) or type(error).__name__
    public = public_settings(values)
    for key in values:
        try:
            build({name: value for name, value in values.items() if name != key})
        except Exception:  # noqa: BLE001, S112 - it is not this setting, or not it alone
            continue
        return f"{key}={shown(public[key])} cannot be used: RecBole says '{reason}': give it the form of its default."
    return f"RecBole cannot read the settings ({type(error).__name__}: {reason}): remove those that it does not name."
