"""One line of bitsandbytes is left out, and only that one."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from recbole_curec.library_logs import quiet_missing_kernels

NAME = "bitsandbytes.backends.cpu.ops"
LINE = "Failed to load CPU gemm_4bit_forward from kernels-community: %s."


def test_only_the_missing_package_is_left_out(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = quiet_missing_kernels()
    logger = logging.getLogger(NAME)
    caplog.set_level(logging.WARNING, NAME)  # whatever other tests left it at
    monkeypatch.setattr(logger, "disabled", False)
    logger.warning(LINE, ModuleNotFoundError("No module named 'kernels'", name="kernels"))
    assert not caplog.records
    logger.warning(LINE, ModuleNotFoundError("No module named 'other'", name="other"))
    logger.warning(LINE, OSError("no network"))
    logger.warning("something else")
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == [
        "No module named 'other'.", "no network.", "something else"
    ]  # fmt: skip
    undo()


def test_nothing_is_said_where_peft_is_imported() -> None:
    program = "import recbole_curec, peft.tuners.lora, sys; assert 'bitsandbytes' in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "kernels" not in done.stderr
