"""Stages end to end on a small dataset: what is stored, what is reused, what is made again."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recbole_curec.data.collected import Collected
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines import curec as pipeline
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.stages import correct
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, artifact_bytes, run_stages, write_topics

NAMES = [stage.name for stage in pipeline.STAGES]


@pytest.fixture
def topics(atomic: AtomicDataset) -> AtomicDataset:
    write_topics(atomic)
    return atomic


def _times(artifacts: dict[str, Artifact]) -> dict[str, int]:
    return {name: artifact.folder.stat().st_mtime_ns for name, artifact in artifacts.items()}


def test_every_stored_reason_is_sound_and_every_item_covered(topics: AtomicDataset, tmp_path: Path) -> None:
    artifacts = run_stages(topics, tmp_path)
    collected = Collected.load(artifacts["collect"].folder)
    records = read_records(artifacts["correct"].folder / STORE)
    checker = GroundingChecker(collected.catalog)
    for record in records:
        reason = parse_reason(f"<think>facts</think> {record.text}")
        assert reason.valid
        assert not checker.ungrounded(reason, record.evidence)
        assert record.evidence.target in record.text
        assert set(record.rewards) == {"model", "format", "grounding", "length", "repetition", "total"}
        assert record.rewards["total"] >= record.draft_reward or record.failure
    trained = [collected.catalog.tokens[item] for item in collected.history.items]
    for item in set(trained):
        assert sum(record.item == item for record in records) == min(trained.count(item), FAST["reasons_per_item"])
    manifest = artifacts["correct"].manifest()
    assert manifest["figures"]["reasons"] == len(records)
    assert {"settings", "seed", "packages", "inputs", "wall_seconds", "peak_memory_mib", "files"} <= manifest.keys()


def test_a_second_run_reuses_everything(
    topics: AtomicDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = run_stages(topics, tmp_path)
    times = _times(first)
    with caplog.at_level(logging.INFO, "recbole_curec.pipelines.curec"):
        second = run_stages(topics, tmp_path)
    assert _times(second) == times
    assert sum("reused" in message for message in caplog.messages) == len(NAMES)


def test_a_setting_reruns_its_stage_and_those_after_it(topics: AtomicDataset, tmp_path: Path) -> None:
    first = run_stages(topics, tmp_path)
    times = _times(first)
    changed = run_stages(topics, tmp_path, rl_steps=2)
    keys = {name for name in NAMES if changed[name].key != first[name].key}
    assert keys == {"reinforce", "correct", "encode"}
    assert {name: _times(changed)[name] for name in NAMES if name not in keys} == {
        name: times[name] for name in NAMES if name not in keys
    }
    assert run_stages(topics, tmp_path, epochs=3, seed=7)["encode"].key == first["encode"].key


def test_without_steps_of_rl_the_aligned_model_is_handed_on(topics: AtomicDataset, tmp_path: Path) -> None:
    artifacts = run_stages(topics, tmp_path, rl_steps=0)
    align, reinforce = (artifacts[name].folder for name in ("align", "reinforce"))
    names = sorted(path.name for path in align.iterdir())
    assert names == sorted(path.name for path in reinforce.iterdir())
    assert "model.safetensors" in names
    assert [name for name in names if (align / name).read_bytes() != (reinforce / name).read_bytes()] == ["run.json"]
    manifest = artifacts["reinforce"].manifest()
    assert manifest["stage"] == "reinforce"
    assert manifest["figures"]["before"] == manifest["figures"]["after"]
    assert manifest["figures"]["before"].keys() >= {"total", "model", "format"}
    assert "no steps, the aligned model is handed on as it is" in manifest["summary"]
    assert read_records(artifacts["correct"].folder / STORE)


def test_reinforce_reports_curves_and_rollouts(topics: AtomicDataset, tmp_path: Path) -> None:
    artifact = run_stages(topics, tmp_path, rl_steps=6, rl_save_steps=4)["reinforce"]
    figures, summary = artifact.manifest()["figures"], artifact.manifest()["summary"]
    measured = {"model", "format", "grounding", "length", "repetition", "total", "grounded", "lift", "shuffled_lift"}
    measured |= {"personal", "judge", "judge_lift", "judge_shuffled_lift", "words", "kl"}
    assert figures["before"].keys() == figures["after"].keys() == measured
    assert figures["before"]["kl"] == 0.0 < figures["after"]["kl"]
    assert f"KL {figures['after']['kl']:.3f}; gaming it gets {figures['gaming']['filler']['total']:.3f}" in summary
    table = pd.read_csv(artifact.folder / "training_curves.csv")
    assert table["step"].tolist() == list(range(7))
    assert table["step"][table["held_out_total"].notna()].tolist() == [0, 4, 6]
    rollouts = pd.read_parquet(artifact.folder / "completions.parquet")
    assert rollouts["step"].tolist() == [step for step in range(1, 7) for _ in range(4)]
    by_step = rollouts.groupby("step")[[f"reward_{name}" for name in ("model", "format", "grounding")]].mean()
    for name in by_step:
        assert by_step[name].tolist() == pytest.approx(table[name][1:].tolist(), abs=1e-5)
    groups = rollouts.groupby([rollouts.index // 2])
    assert groups["prompt"].nunique().max() == 1
    assert groups["advantage"].sum().abs().max() < 1e-4
    assert set(rollouts["user"]) <= {f"u{k}" for k in range(12)}
    assert (artifact.folder / "training_curves.png").read_bytes().startswith(b"\x89PNG")


def test_an_altered_artifact_is_made_again(
    topics: AtomicDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = run_stages(topics, tmp_path)
    content = artifact_bytes(first)
    store = first["correct"].folder / STORE
    store.write_bytes(store.read_bytes()[:-7])
    (first["encode"].folder / "run.json").unlink()
    with caplog.at_level(logging.WARNING, "recbole_curec.pipeline.artifacts"):
        second = run_stages(topics, tmp_path)
    assert [message for message in caplog.messages if "reasons.parquet was altered" in message]
    assert [message for message in caplog.messages if "run.json cannot be read" in message]
    assert artifact_bytes(second) == content


def test_an_interrupted_correction_goes_on_and_ends_the_same(
    topics: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = artifact_bytes(run_stages(topics, tmp_path / "whole"))
    batch, made = correct._batch, []

    def dies(*arguments: Any) -> Any:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(batch(*arguments))
        return made[-1]

    monkeypatch.setattr(correct, "_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        run_stages(topics, tmp_path / "cut")
    parts = list((tmp_path / "cut").rglob("reasons-*.parquet"))
    assert len(parts) == 2
    monkeypatch.setattr(correct, "_batch", batch)
    before = {part: part.stat().st_mtime_ns for part in parts}
    written: list[int] = []
    write = correct.Corrector.write
    monkeypatch.setattr(
        correct.Corrector, "write", lambda self, jobs, name: (written.append(len(jobs)), write(self, jobs, name))[1]
    )
    resumed = run_stages(topics, tmp_path / "cut")
    assert artifact_bytes(resumed) == whole
    total = resumed["correct"].manifest()["figures"]["reasons"]
    assert sum(written) == total - sum(len(records) for records in made)  # finished reasons are not written again
    assert before  # they existed before the second run


def test_a_run_killed_in_grpo_ends_with_the_same_artifacts(topics: AtomicDataset, tmp_path: Path) -> None:
    given = {"rl_steps": 8}
    whole = artifact_bytes(run_stages(topics, tmp_path / "whole", **given))
    script = (
        "import json, sys; from pathlib import Path; from tests.conftest import AtomicDataset; "
        "from tests.pipeline_runs import run_stages; import torch; torch.set_num_threads(1); "
        "run_stages(AtomicDataset(Path(sys.argv[1])), Path(sys.argv[2]), **json.loads(sys.argv[3]))"
    )
    command = [sys.executable, "-c", script, str(topics.root), str(tmp_path / "cut"), json.dumps(given)]
    root = Path(__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_WAIT_POLICY": "PASSIVE"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    # No rglob: it fails when a folder is renamed while it looks inside.
    checkpoints = f"curec/{topics.name}/reinforce-*.partial/scratch/checkpoint-*/trainer_state.json"
    while not list((tmp_path / "cut").glob(checkpoints)):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list((tmp_path / "cut").rglob("reinforce-*/run.json"))
    assert artifact_bytes(run_stages(topics, tmp_path / "cut", **given)) == whole
