"""Suggestions of the nearest known name, for error messages about unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``name``, or None if none does."""
    lowered = {candidate.lower(): candidate for candidate in known}
    if name.lower() in lowered:
        return str(lowered[name.lower()])
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return str(lowered[close[0]]) if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest name in brackets, to be appended to the wrong one; empty if none is near."""
    match = nearest(name, known)
    return f" (nearest: {match!r})" if match else ""
