"""Texts and labels within the values of raw files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def texts_in(value: Any) -> list[str]:
    """The texts and numbers in a value, which may be a list of lists."""
    return list(_flat(value))


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        yield str(value)


def parts_of(value: Any, separator: str) -> list[str]:
    """The labels of a text in which a mark separates them; none where there is no text."""
    return [part.strip() for part in value.split(separator) if part.strip()] if isinstance(value, str) else []
