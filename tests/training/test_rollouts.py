from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from recbole_curec.settings.sections import ReinforceSettings
from recbole_curec.training.rollouts import COMPLETIONS, Rollout, RolloutLog, Watch

TOKENS = np.array(["", "a", "b"])


def _log(folder: Path, **settings: int) -> RolloutLog:
    return RolloutLog(folder, ReinforceSettings(prompts=1, generations=2, **settings), TOKENS, TOKENS)


def _write(log: RolloutLog, step: int, text: str = "done") -> None:
    prompt = [{"role": "system", "content": "rules"}, {"role": "user", "content": f"prompt {step}"}]
    written = [[{"role": "assistant", "content": f"{text} {place}"}] for place in range(2)]
    log.write(
        step,
        [
            Rollout(user=1, item=2, prompt=prompt, completion=one, rewards={"model": reward}, advantage=advantage)
            for one, reward, advantage in zip(written, (0.5, 1.0), (-1.0, 1.0), strict=True)
        ],
    )


@pytest.mark.parametrize(
    ("steps", "limit", "expected"),
    [(4, 100, {1, 2, 3, 4}), (4, 4, {2, 4}), (10, 7, {4, 7, 10}), (4, 1, set()), (4, 0, set())],
)
def test_kept_steps_are_evenly_spread_and_within_the_limit(
    tmp_path: Path, steps: int, limit: int, expected: set[int]
) -> None:
    assert _log(tmp_path, steps=steps, logged_completions=limit).steps == expected


def test_a_step_taken_again_is_there_once(tmp_path: Path) -> None:
    log = _log(tmp_path, steps=2)
    for step, text in ((1, "old"), (2, "old"), (2, "new")):
        _write(log, step, text)
    (tmp_path / "artifact").mkdir()
    log.collect(tmp_path / "artifact")
    table = pd.read_parquet(tmp_path / "artifact" / COMPLETIONS)
    assert table.to_dict("list") == {
        "step": [1, 1, 2, 2],
        "user": ["a"] * 4,
        "item": ["b"] * 4,
        "prompt": ["prompt 1", "prompt 1", "prompt 2", "prompt 2"],
        "completion": ["old 0", "old 1", "new 0", "new 1"],
        "reward_model": [0.5, 1.0, 0.5, 1.0],
        "advantage": [-1.0, 1.0, -1.0, 1.0],
    }


def test_damaged_and_missing_files_are_left_out_and_said_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = _log(tmp_path, steps=3)
    for step in (1, 2):
        _write(log, step)
    (tmp_path / "completions-0000001.parquet").write_bytes(b"")
    (tmp_path / "held-out-0000001.json").write_text("")
    (tmp_path / "held-out-0000002.json").write_text('{"total": 1.0}')
    (tmp_path / "artifact").mkdir()
    with caplog.at_level("WARNING"):
        log.collect(tmp_path / "artifact")
        assert Watch(None, 1, tmp_path).scores() == {2: {"total": 1.0}}
    assert pd.read_parquet(tmp_path / "artifact" / COMPLETIONS)["step"].tolist() == [2, 2]
    assert [message.split(":")[0] for message in caplog.messages] == [
        "the rollouts of step 1 are left out of the log",
        "the rollouts of step 3 are left out of the log",
        "held-out-0000001.json is left out of the curves",
    ]


def test_steps_that_are_not_kept_leave_no_file(tmp_path: Path) -> None:
    log = _log(tmp_path, steps=4, logged_completions=2)
    _write(log, 3)
    assert not list(tmp_path.iterdir())


class _HeldOut:
    """Draws random numbers and leaves the model in evaluation mode, as generation does."""

    def write(self, model: torch.nn.Module) -> list[str]:
        model.eval()
        torch.manual_seed(5)
        return [str(torch.rand(1).item())]

    def measure(self, completions: list[str]) -> dict[str, float]:
        return {"total": float(len(completions))}


def test_watching_leaves_training_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = torch.nn.Linear(1, 1).train()
    watch = Watch(_HeldOut(), 2, tmp_path)  # type: ignore[arg-type]
    arguments = SimpleNamespace(device=torch.device("cpu"))
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    for step in range(1, 6):
        state = SimpleNamespace(global_step=step, max_steps=5, is_world_process_zero=True)
        watch.on_step_end(arguments, state, None, model=model)  # type: ignore[arg-type]
    assert torch.equal(torch.rand(3), expected)
    assert model.training
    assert watch.scores() == {2: {"total": 1.0}, 4: {"total": 1.0}, 5: {"total": 1.0}}
    assert json.loads((tmp_path / "held-out-0000002.json").read_text()) == {"total": 1.0}
    # One that was deleted is missed by its seal, and one with another number noticed by it.
    (tmp_path / "held-out-0000002.json").unlink()
    (tmp_path / "held-out-0000004.json").write_text('{"total": 9.0}')
    caplog.clear()
    assert watch.scores() == {5: {"total": 1.0}}
    assert [message.rpartition(": ")[2] for message in caplog.messages] == [
        "held-out-0000002.json is missing", "held-out-0000004.json was altered"
    ]  # fmt: skip


def test_other_processes_and_no_prompts_watch_nothing(tmp_path: Path) -> None:
    arguments, model = SimpleNamespace(device=torch.device("cpu")), torch.nn.Linear(1, 1)
    for held_out, zero in ((None, True), (_HeldOut(), False)):
        state = SimpleNamespace(global_step=2, max_steps=2, is_world_process_zero=zero)
        watch = Watch(held_out, 2, tmp_path)  # type: ignore[arg-type]
        watch.on_step_end(arguments, state, None, model=model)  # type: ignore[arg-type]
        assert watch.scores() == {}
