"""Text for a terminal or a log file: control characters escaped, and only characters that the stream can write."""

from __future__ import annotations

import logging
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

from recbole_curec.errors import ConfigurationError


def printable(text: str) -> str:
    """The text with every control character except line breaks and tabs escaped, so that no terminal executes it."""
    return "".join(_spelled(character) if _is_control(character) else character for character in text)


def printable_line(text: object) -> str:
    """A name or a path within a line: its line breaks are escaped too, so that it adds no line."""
    return printable(str(text)).replace("\n", "\\n")


def _is_control(character: str) -> bool:
    if character < "\x7f":
        return character < " " and character not in "\n\t"
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def fitting(text: str, stream: Any) -> str:
    """The text with every character escaped that the stream's encoding lacks.

    Args:
        text: Any text.
        stream: A text stream, such as ``sys.stdout``.
    """
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def say(text: str, stream: Any) -> None:
    """Print text for a person, whatever it holds and whatever the stream can encode.

    Raises:
        BrokenPipeError: Nobody reads the stream any more.
        ConfigurationError: It cannot be written for another reason.
    """
    if stream is None:
        return
    try:
        stream.write(fitting(printable(text), stream) + "\n")
        stream.flush()
    except OSError as error:
        _give_up(stream)
        if isinstance(error, BrokenPipeError):
            raise
        raise ConfigurationError(f"The output cannot be printed ({error.strerror}): send it elsewhere.") from error


def _give_up(stream: Any) -> None:
    """Send what is still buffered nowhere, so that Python does not fail again when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def open_closed_streams() -> None:
    """Give a process that was started without standard streams (``>&-``) empty ones.

    Otherwise the next file it opens becomes its standard output, into which libraries print.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115


class PrintableFormatter(logging.Formatter):
    """A log formatter whose lines hold no control characters, whatever ids or titles a message quotes."""

    def format(self, record: logging.LogRecord) -> str:
        """The formatted record with control characters escaped."""
        return printable(super().format(record))


def text_table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table in columns, the first aligned to the left and the others to the right, with a line below its head."""
    lines = [head, *body]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rows = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([rows[0], "-" * len(rows[0]), *rows[1:]])
