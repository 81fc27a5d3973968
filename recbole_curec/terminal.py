"""What reaches a terminal or a log file: text in which no character is a command."""

from __future__ import annotations

import logging

from recbole_curec.data.text import printable


class PrintableFormatter(logging.Formatter):
    """A formatter whose lines hold no control characters, whatever ids or titles a message quotes."""

    def format(self, record: logging.LogRecord) -> str:
        """The formatted record, control characters spelled out."""
        return printable(super().format(record))
