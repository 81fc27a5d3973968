"""Amounts in reports."""

from __future__ import annotations


def amount(number: int, noun: str) -> str:
    """A number with its noun: ``1 pair``, ``2,000 pairs``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
