"""Handlers of the log of a command: whatever is logged reaches terminal and file, and a failure prints no traceback."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path

from recbole.utils.logger import RemoveColorFilter
from tqdm import tqdm

from recbole_curec.errors import in_one_line
from recbole_curec.terminal import PrintableFormatter, fitting


class _Repaired(logging.Handler):
    """Writes messages that cannot be formatted as they are: RecBole gives some more values than places for them."""

    def format(self, record: logging.LogRecord) -> str:
        """The formatted record; of one that cannot be, the parts."""
        try:
            return super().format(record)
        except (TypeError, ValueError, KeyError):
            parts = {**vars(record), "msg": f"{record.msg} {record.args}", "args": None}
            return super().format(logging.makeLogRecord(parts))


class TerminalHandler(_Repaired):
    """Writes to standard error, around tqdm's progress bars, in characters that its encoding has.

    Where that fails because the disk is full, the command goes on without; where nobody reads it any more, it ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lost = False
        self.addFilter(RemoveColorFilter())
        self.setFormatter(PrintableFormatter("%(asctime)s %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record.

        Raises:
            BrokenPipeError: Nobody reads standard error any more.
        """
        if self._lost:
            return
        try:
            tqdm.write(fitting(self.format(record), sys.stderr), file=sys.stderr)
            sys.stderr.flush()
        except BrokenPipeError:
            raise
        except OSError:
            self._lost = True  # there is no other place to say so; the log file has everything


class LogFileHandler(_Repaired, logging.FileHandler):
    """Writes UTF-8 to a file; where that fails, for example because the disk is full, the command goes on without.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        logging.FileHandler.__init__(self, path, encoding="utf-8", errors="backslashreplace")
        self.addFilter(RemoveColorFilter())
        self.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        self._lost = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        if not self._lost:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say once that the file cannot be written."""
        self._lost = True
        reason = in_one_line(sys.exc_info()[1])
        logging.getLogger(__name__).warning("'%s' cannot be written any more (%s)", self.baseFilename, reason)

    def close(self) -> None:
        """Close the file; where its last lines cannot be written, how the command ended counts more."""
        with contextlib.suppress(OSError):
            super().close()
