"""Escaping of control characters in text for a terminal or a log file."""

from __future__ import annotations

import logging
import unicodedata


def printable(text: str) -> str:
    """The text with every control character except line breaks and tabs escaped, so that no terminal executes it."""
    return "".join(_spelled(character) if _is_control(character) else character for character in text)


def _is_control(character: str) -> bool:
    if character < "\x7f":
        return character < " " and character not in "\n\t"
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class PrintableFormatter(logging.Formatter):
    """A log formatter whose lines hold no control characters, whatever ids or titles a message quotes."""

    def format(self, record: logging.LogRecord) -> str:
        """The formatted record with control characters escaped."""
        return printable(super().format(record))
