"""What is logged reaches terminal and file, and a failure to write prints no traceback."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest

from recbole_curec.cli.log_handlers import LogFileHandler, TerminalHandler


def _record(message: str, *values: str) -> logging.LogRecord:
    return logging.LogRecord("name", logging.ERROR, __file__, 1, message, values, None)


def test_messages_with_too_many_values_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    """RaCT logs ``logger.info("Load pretrained model from", path)``."""
    file = LogFileHandler(Path("run.log"))
    for handler in (file, TerminalHandler()):
        handler.handle(_record("Load pretrained model from", "first.pth"))
    file.close()
    err = capsys.readouterr().err
    assert err.endswith("Load pretrained model from ('first.pth',)\n")
    assert "Traceback" not in err
    assert "Load pretrained model from ('first.pth',)\n" in Path("run.log").read_text()


def test_a_terminal_that_lacks_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stderr", stream)
    TerminalHandler().handle(_record("title 愛 \ud800"))
    assert stream.buffer.getvalue().endswith(b"title \\u611b \\ud800\n")  # type: ignore[attr-defined]


class _Broken(io.StringIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _text: str) -> int:
        raise self.error


def test_a_terminal_that_cannot_be_written_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Broken(OSError(28, "No space left on device")))
    handler = TerminalHandler()
    handler.handle(_record("one"))
    monkeypatch.setattr(sys, "stderr", later := io.StringIO())
    handler.handle(_record("two"))
    assert later.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", _Broken(BrokenPipeError(32, "Broken pipe")))
    with pytest.raises(BrokenPipeError):
        TerminalHandler().handle(_record("three"))


def test_a_log_file_on_a_full_disk_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    full = LogFileHandler(Path("/dev/full"))
    for number in range(3):
        full.handle(_record(f"number {number}"))
    assert [record.getMessage() for record in caplog.records] == [
        "'/dev/full' cannot be written any more ([Errno 28] No space left on device)"
    ]
    full.stream = None  # nothing left to flush


def test_a_log_file_whose_last_lines_do_not_fit_ends_nothing() -> None:
    full = LogFileHandler(Path("/dev/full"))
    full.stream.write("not flushed yet")
    full.close()
    assert full.stream is None
