"""Where a training goes on, and what its bar shows."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from recbole_curec.errors import CheckpointError
from recbole_curec.training.checkpoints import last_checkpoint
from recbole_curec.training.trainer import ProgressBar, run_trainer


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def checkpoint(scratch: Path, step: int) -> Path:
    """A checkpoint with what a resumed training reads."""
    folder = scratch / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "optimizer.pt").write_bytes(b"moments")
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return folder


def test_the_newest_checkpoint_is_that_of_the_highest_step(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    for step in (9, 100, 20):
        checkpoint(tmp_path, step)
    (tmp_path / "checkpoint-best").mkdir()
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-100")


@pytest.mark.parametrize("damage", ["no state", "half a state", "another state", "no weights", "an empty file"])
def test_what_is_no_whole_checkpoint_is_passed_over(tmp_path: Path, damage: str) -> None:
    checkpoint(tmp_path, 1)
    newest = checkpoint(tmp_path, 2)
    assert last_checkpoint(tmp_path) == str(newest)
    state = newest / "trainer_state.json"
    if damage == "no state":
        state.unlink()
    elif damage == "half a state":
        state.write_text('{"global_st')
    elif damage == "another state":
        state.write_text("[2]")
    elif damage == "no weights":
        (newest / "model.safetensors").unlink()
        (newest / "optimizer.pt").unlink()
    else:
        (newest / "optimizer.pt").write_bytes(b"")
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-1")


@pytest.mark.parametrize("damage", ["code", "cut off", "no archive"])
def test_a_checkpoint_that_cannot_be_read_is_named(tmp_path: Path, damage: str) -> None:
    file = checkpoint(tmp_path, 3) / "optimizer.pt"
    touched = tmp_path / "touched"
    torch.save(Touch(touched) if damage == "code" else {"step": torch.ones(1000)}, file)
    if damage == "cut off":
        file.write_bytes(file.read_bytes()[:-200])
    elif damage == "no archive":
        file.write_bytes(b"{}")
    trainer = SimpleNamespace(
        remove_callback=lambda _: None, add_callback=lambda _: None,
        train=lambda resume_from_checkpoint: torch.load(Path(resume_from_checkpoint) / file.name, weights_only=True),
    )  # fmt: skip
    with pytest.raises(CheckpointError, match=r"checkpoint-3' cannot be read .*: delete it and run the same command"):
        run_trainer(trainer, tmp_path, ProgressBar("align", "loss", enabled=False))
    assert not touched.exists()


def test_an_error_of_a_training_is_its_own(tmp_path: Path) -> None:
    checkpoint(tmp_path, 3)

    def train(**_given: Any) -> None:
        raise RuntimeError("CUDA error")

    trainer = SimpleNamespace(remove_callback=lambda _: None, add_callback=lambda _: None, train=train)
    with pytest.raises(RuntimeError, match="CUDA error"):
        run_trainer(trainer, tmp_path, ProgressBar("align", "loss", enabled=False))


def test_a_bar_starts_where_a_resumed_run_left_off(capsys: pytest.CaptureFixture[str]) -> None:
    shown, hidden = ProgressBar("align", "loss", enabled=True), ProgressBar("align", "loss", enabled=False)
    arguments: Any = None
    for bar in (hidden, shown):
        state: Any = SimpleNamespace(max_steps=8, global_step=6)
        bar.on_train_begin(arguments, state, arguments)
        state.global_step = 7
        bar.on_step_end(arguments, state, arguments)
        bar.on_log(arguments, state, arguments, logs={"loss": 0.12345})
        bar.on_log(arguments, state, arguments, logs={"train_runtime": 1.0})
        bar.on_train_end(arguments, state, arguments)
        written = capsys.readouterr().err
        if bar is hidden:
            assert not written
    assert "6/8" in written.split("\r")[1]
    assert "7/8" in written
    assert "loss=0.123" in written
