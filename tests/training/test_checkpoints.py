"""Checkpoints are known by their steps, and a damaged one is not gone on from."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recbole_curec.training.checkpoints import Checkpoints, last_checkpoint
from tests.training.test_trainer import checkpoint


def _save(scratch: Path, step: int, time: float) -> None:
    """What the trainer does at a step, by a clock that shows a time."""
    made = checkpoint(scratch, step)
    for path in (made, *made.iterdir()):
        os.utime(path, (time, time))
    state: Any = SimpleNamespace(global_step=step)
    Checkpoints(scratch).on_save(state, state, state)


def test_the_last_two_are_kept_by_step_whatever_the_clock_says(tmp_path: Path) -> None:
    for step, time in ((2, 5e8), (4, 1e8), (10, 3e8), (12, 2e8)):
        _save(tmp_path, step, time)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-12"]
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-12")


@pytest.mark.parametrize("file", ["model.safetensors", "optimizer.pt", "trainer_state.json", "seal.json"])
def test_an_earlier_one_takes_the_place_of_a_damaged_one(
    tmp_path: Path, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    for step in (2, 4):
        _save(tmp_path, step, 1e9)
    damaged = tmp_path / "checkpoint-4" / file
    content = damaged.read_text()
    damaged.write_text(content.replace("4", "5") if file == "trainer_state.json" else content[::-1])
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-2")
    said = "seal.json cannot be read" if file == "seal.json" else f"{file} was altered"
    assert f"({said}): it is left out, and its steps are trained again" in caplog.text
    # Trained again, it is written over.
    for path in damaged.parent.iterdir():
        path.unlink()
    damaged.parent.rmdir()
    _save(tmp_path, 4, 1e9)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-4")


def test_one_behind_the_step_at_hand_goes_first(tmp_path: Path) -> None:
    for step in (2, 6):  # step 6 was damaged, so the training went on from step 2
        _save(tmp_path, step, 1e9)
    _save(tmp_path, 4, 1e9)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-2", "checkpoint-4"]
