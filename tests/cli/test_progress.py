"""What a failing run says begins a line of its own, whatever progress bar is open."""

from __future__ import annotations

import sys

import pytest
from tqdm import tqdm

from recbole_curec.cli import main as cli
from recbole_curec.errors import DataError


def test_an_open_bar_is_closed_before_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    bars = []

    def work() -> str:
        bars.append(tqdm(total=3, file=sys.stderr))
        bars[0].update()
        raise DataError("No row is left.")

    assert cli._attempt(work, []) == 2
    assert capsys.readouterr().err.split("\n")[-2:] == ["error: No row is left.", ""]
    assert bars[0].disable, "closed bars are disabled"
