"""The trials of faults see what they are there to see."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
# A stage of ten batches and a checkpoint after it, without a language model.
RUN = """
import sys, time
from pathlib import Path
from recbole_curec.atomic_write import write_text_to
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.seals import is_kept, write_sealed

made = Artifact("correct", "0123", Path("saved/curec/few"))
with made.locked():
    if not made.is_complete():
        print("[1/1] correct: started", flush=True)
        made.open()
        for number in range(10):
            part = made.scratch / f"{number}.txt"
            if not is_kept(part):
                time.sleep(0.02)
                write_sealed(part, write_text_to(f"batch {number}"))
        parts = sorted(made.scratch.glob("[0-9].txt"))
        (made.partial / "reasons.txt").write_text("".join(part.read_text() for part in parts))
        made.close({"summary": "ten batches", "figures": {}, "wall_seconds": time.time()})
"""


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A module of the trials by name."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setenv("FAULT_LOGS", str(tmp_path / "logs"))
    return lambda name: importlib.import_module(name)


def _start(processes: ModuleType, script: str, folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=folder, stdout=file, stderr=file, start_new_session=True
        )
    process.returncode = 0  # Running waits for it
    return processes.Running(process.pid, log)


@pytest.fixture
def finished(part: Any, tmp_path: Path) -> Path:
    """A run that ended, with a checkpoint."""
    place = tmp_path / "undisturbed"
    assert _start(part("fault_trials.processes"), RUN, place).result().code == 0
    torch.save({"state_dict": {"w": torch.ones(3)}}, place / "saved" / "RecCoT-1.pth")
    return place


def test_killed_runs_end_the_same_and_others_are_told(part: Any, finished: Path, tmp_path: Path) -> None:
    processes, kills, systems = map(part, ("fault_trials.processes", "fault_trials.kills", "fault_trials.systems"))
    expected = part("fault_trials.outcome").outcome(finished)
    assert sorted(expected) == ["checkpoint/0", "correct-0123/reasons.txt", "correct-0123/run.json"]
    del expected["checkpoint/0"]

    def start(_arguments: Sequence[str], folder: Path) -> Any:
        return _start(processes, RUN, folder)

    given = {systems.CUREC.name: (expected, 0.6)}
    rows = kills.kill_trials(start, [systems.CUREC], given, tmp_path, count=3, seed=1)
    assert [(row["code"], row["different"]) for row in rows] == [(0, [])] * 3
    assert all(row["killed_in"] for row in rows)
    other = {systems.CUREC.name: ({**expected, "correct-0123/reasons.txt": "other"}, 0.1)}
    (row,) = kills.kill_trials(start, [systems.CUREC], other, tmp_path, count=1, seed=1)
    assert row["different"] == ["correct-0123/reasons.txt"]


def test_every_harm_to_every_file_is_found(part: Any, finished: Path, tmp_path: Path) -> None:
    damage, systems = part("fault_trials.damage"), part("fault_trials.systems")
    rows = damage.looks({system.name: finished for system in systems.SYSTEMS}, tmp_path)
    assert len(rows) == 4 * 2 * len(damage.HARMS)
    assert {row["outcome"] for row in rows} == {"found"}
    assert {row["said"].split(" ", 1)[0] for row in rows} == {"reasons.txt", "run.json"}


def test_a_change_in_a_checkpoint_is_a_difference(part: Any, finished: Path) -> None:
    outcome = part("fault_trials.outcome")
    before = outcome.outcome(finished)
    assert outcome.differences(before, outcome.outcome(finished)) == []
    torch.save({"state_dict": {"w": torch.tensor([1, 1, 1.0001])}}, finished / "saved" / "RecCoT-1.pth")
    assert outcome.differences(before, outcome.outcome(finished)) == ["checkpoint/0"]


def test_the_table_counts_what_survived(part: Any) -> None:
    kill = {"code": 0, "different": [], "killed_in": ["align"], "leftovers": {"temporary files": 1}}
    full = {"in_one_sentence": True, "made": False, "again": 0, "different": []}
    trials = {
        "kills": [kill, {**kill, "different": ["metrics"]}],
        "disk": [full, {**full, "in_one_sentence": False}],
        "damage": {"a": [{"outcome": "refused"}, {"outcome": "silent"}, {"outcome": "refused"}]},
    }
    assert part("reliability").table(trials).splitlines()[2:] == [
        "| kills | 2 | 1 | 2 kills; same bytes; temporary files left in 2 |",
        "| disk full | 2 | 1 | exit code 2, one sentence, nothing half-written, same bytes after |",
        "| damage: a | 3 | 2 | 2 refused in one sentence, exit code 2 |",
    ]
