"""Paths as users write them: a leading ``~`` is the home folder, and what cannot be a path is said in one sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from recbole_curec.errors import ConfigurationError, shown


def expand_home(name: str, value: Any) -> str:
    """A path as text, with the home folder in place of a leading ``~``; otherwise unchanged.

    Args:
        name: Setting or option that holds it, for the message.
        value: What the user gave.

    Raises:
        ConfigurationError: It is no path, or the home folder is not known.
    """
    if not isinstance(value, str | os.PathLike):
        raise ConfigurationError(f"{name}={shown(value)} cannot be used: it must be a path, as text.")
    text = str(value)
    if "\0" in text:
        raise ConfigurationError(f"{name}={text!r} cannot be used: a path holds no NUL character.")
    expanded = os.path.expanduser(text)  # noqa: PTH111 - Path would rewrite './x' and 'a//b', which can be hub names
    if text.startswith("~") and expanded == text:
        raise ConfigurationError(f"{name}={text!r} cannot be used: that home folder is not known: write it out.")
    return expanded


def user_path(name: str, value: Any) -> Path:
    """The same as a ``Path``, which is not empty; see :func:`expand_home`."""
    if value == "":  # as a Path it would be the working folder
        raise ConfigurationError(f"{name}='' cannot be used: it must be a path; '.' is the working folder.")
    return Path(expand_home(name, value))
