"""Stages end to end on a small dataset: what is stored, what is reused, what is made again."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from recbole.data import create_dataset

import recbole_curec as curec
from recbole_curec.correction.corrector import Corrector
from recbole_curec.data.collected import Collected
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines import curec as pipeline
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.features import planned_artifacts
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.stages import correct
from tests.pipeline_runs import FAST, SharedRun, artifact_bytes, layered, run_stages
from tests.tiny_llm import save_llm

NAMES = [stage.name for stage in pipeline.STAGES]


def _times(artifacts: dict[str, Artifact]) -> dict[str, int]:
    return {name: artifact.folder.stat().st_mtime_ns for name, artifact in artifacts.items()}


def test_every_stored_reason_is_sound_and_every_item_covered(shared_run: SharedRun) -> None:
    artifacts = shared_run.artifacts
    collected = Collected.load(artifacts["collect"].folder)
    records = read_records(artifacts["correct"].folder / STORE)
    checker = ClaimChecker(collected.catalog)
    for record in records:
        reason = parse_reason(f"<think>facts</think> {record.text}")
        assert reason.valid
        assert not checker.faults(reason, record.evidence)
        assert record.evidence.target in record.text
        assert set(record.rewards) == {"model", "format", "grounding", "length", "repetition", "total"}
        assert record.rewards["total"] >= record.draft_reward or record.failure
    trained = [collected.catalog.tokens[item] for item in collected.history.items]
    for item in set(trained):
        assert sum(record.item == item for record in records) == min(
            trained.count(item), FAST["select"]["reasons_per_item"]
        )
    manifest = artifacts["correct"].manifest()
    assert manifest["figures"]["reasons"] == len(records)
    assert {"settings", "seed", "packages", "inputs", "wall_seconds", "peak_memory_mib", "files"} <= manifest.keys()


def test_a_second_run_reuses_everything_and_only_reads(
    shared_run: SharedRun, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = _times(shared_run.artifacts)
    with caplog.at_level(logging.INFO, "recbole_curec.pipeline.runner"):
        # The folder is read-only: had anything been written there, the run would have failed.
        second = run_stages(shared_run.dataset, shared_run.folder / "saved")
    assert _times(second) == before
    assert [message.split(": ")[0] for message in caplog.messages if ": reused (" in message] == [
        f"[{number}/7] {name}" for number, name in enumerate(NAMES, 1)
    ]


def test_a_setting_reruns_its_stage_and_those_after_it(shared_run: SharedRun, tmp_path: Path) -> None:
    first = shared_run.artifacts
    changed = run_stages(shared_run.dataset, tmp_path, shared_run, rl_steps=2)
    assert {name for name in NAMES if changed[name].key != first[name].key} == {"reinforce", "correct", "encode"}
    assert all(artifact.is_complete() for artifact in changed.values())
    assert changed["reinforce"].manifest()["settings"]["reinforce"]["steps"] == 2


def plan(shared_run: SharedRun, **overrides: Any) -> dict[str, Artifact]:
    """The artifacts that settings ask for, without making any."""
    places = {"data_path": str(shared_run.dataset.root), "checkpoint_dir": str(shared_run.folder / "saved")}
    config = load_config("CURec", shared_run.dataset.name, (), layered({**FAST, **places}, overrides))
    history = create_dataset(config).build()[0].train_history()
    return planned_artifacts(config, history)


@pytest.mark.parametrize(
    "idle",
    [
        {"llm.gradient_checkpointing": True}, {"align.save_steps": 1}, {"reinforce.save_steps": 1},
        {"reinforce.watch_prompts": 0}, {"reinforce.logged_completions": 1}, {"guard.floors": {"auc": 0.0}},
        {"guard.calibration_ceiling": 0.9}, {"lora.rank": 4}, {"openai.timeout": 1.0}, {"vllm.gpus": 2},
        {"openai_engine.model": "x"}, {"openai_teacher.model": "x"},
        {"reviews.field": "review"}, {"hidden_states.batch_size": 2}, {"llm.dtype": "float32"},
        {"run.num_threads": 1}, {"run.compare_baseline": False}, {"epochs": 9, "seed": 7, "fusion": "concat"},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_cannot_change_a_result_change_no_fingerprint(
    shared_run: SharedRun, idle: dict[str, Any]
) -> None:
    first = shared_run.artifacts
    assert {name: artifact.key for name, artifact in plan(shared_run, **idle).items()} == {
        name: first[name].key for name in NAMES
    }


@pytest.mark.parametrize(
    ("setting", "stage"),
    [
        ({"collect.title_words": 3}, "collect"), ({"tiny.layers": 2}, "align"),
        ({"align.mix": {"reason": 1.0}}, "align"),
        ({"llm.dtype": "bfloat16"}, "align"), ({"reward.probes": 3}, "reward"), ({"generate.batch_size": 4}, "reward"),
        ({"reinforce.weights": {"model": 2.0}}, "reinforce"), ({"correct.threshold": 0.5}, "correct"),
        ({"encode.reason_source": "drafts"}, "encode"), ({"encode.text_encoder": "llm"}, "encode"),
        ({"run.reason_seed": 1}, "align"), ({"ctranslate2.type": "int8"}, "reward"),
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_can_change_a_result_change_the_stage_that_reads_them(
    shared_run: SharedRun, setting: dict[str, Any], stage: str
) -> None:
    first, changed = shared_run.artifacts, plan(shared_run, **setting)
    assert [name for name in NAMES if changed[name].key != first[name].key] == NAMES[NAMES.index(stage) :]


def test_a_models_contents_count_and_not_only_its_name(shared_run: SharedRun, tmp_path: Path) -> None:
    llm = save_llm(tmp_path / "llm")
    first = plan(shared_run, llm=str(llm))
    (llm / ".DS_Store").write_bytes(b"x")
    assert plan(shared_run, llm=str(llm))["align"].key == first["align"].key
    weights = llm / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    assert plan(shared_run, llm=str(llm))["align"].key != first["align"].key


def test_item_text_alone_trains_no_language_model(shared_run: SharedRun, tmp_path: Path) -> None:
    artifacts = run_stages(shared_run.dataset, tmp_path, reason_source="none")
    assert list(artifacts) == ["collect", "encode"]
    assert sorted(path.name.partition("-")[0] for path in (tmp_path / "curec" / "topics").glob("[!.]*")) == [
        "collect",
        "encode",
    ]
    assert artifacts["encode"].manifest()["figures"]["items_from_text_alone"] == 16
    # The hidden states of the tuned model are another matter.
    assert list(plan(shared_run, reason_source="none", text_encoder="llm")) == [
        "collect", "align", "reward", "reinforce", "encode"
    ]  # fmt: skip


def test_ids_alone_run_no_stage_at_all(shared_run: SharedRun, tmp_path: Path) -> None:
    places = {"data_path": str(shared_run.dataset.root), "checkpoint_dir": str(tmp_path)}
    result = curec.run("CURec", "topics", config={**FAST, **places, "fusion": "none", "log_dir": str(tmp_path / "log")})
    assert [model.name for model in result.models] == ["SASRec, ids only"]
    assert result.artifacts == {}
    assert not (tmp_path / "curec").exists()


def test_a_datasets_build_runs_nothing(shared_run: SharedRun, tmp_path: Path) -> None:
    places = {"data_path": str(shared_run.dataset.root), "checkpoint_dir": str(tmp_path)}
    create_dataset(load_config("CURec", "topics", (), {**FAST, **places})).build()
    assert not (tmp_path / "curec").exists()


def test_without_steps_of_rl_the_aligned_model_is_handed_on(shared_run: SharedRun, tmp_path: Path) -> None:
    artifacts = run_stages(shared_run.dataset, tmp_path, shared_run, rl_steps=0)
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


def test_reinforce_reports_curves_and_rollouts(shared_run: SharedRun, tmp_path: Path) -> None:
    artifact = run_stages(shared_run.dataset, tmp_path, shared_run, rl_steps=6, rl_save_steps=4)["reinforce"]
    figures, summary = artifact.manifest()["figures"], artifact.manifest()["summary"]
    measured = {"model", "format", "grounding", "length", "repetition", "total", "grounded", "lift", "shuffled_lift"}
    measured |= {"generic", "personal", "judge", "judge_lift", "judge_shuffled_lift", "words", "kl"}
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


def test_a_damaged_artifact_is_moved_aside_and_made_again(
    shared_run: SharedRun, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = run_stages(shared_run.dataset, tmp_path, shared_run)
    content = artifact_bytes(first)
    store = first["correct"].folder / STORE
    broken = store.read_bytes()[:-7]
    store.write_bytes(broken)
    (first["encode"].folder / "run.json").unlink()
    (first["collect"].folder / ".DS_Store").write_bytes(b"no part of it")
    with caplog.at_level(logging.WARNING, "recbole_curec.pipeline.artifacts"):
        second = run_stages(shared_run.dataset, tmp_path)
    assert [message for message in caplog.messages if "reasons.parquet was altered" in message]
    assert [message for message in caplog.messages if "run.json cannot be read" in message]
    assert len(caplog.messages) == 2
    assert (
        first["correct"].folder.with_name(f"{first['correct'].folder.name}.damaged-1") / STORE
    ).read_bytes() == broken
    assert (first["collect"].folder / ".DS_Store").is_file()
    (first["collect"].folder / ".DS_Store").unlink()
    assert artifact_bytes(second) == content


def test_two_runs_do_not_make_the_same_artifact_and_a_wait_is_said(
    shared_run: SharedRun, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shared_run.copy_to(tmp_path)
    made = shared_run.artifacts["encode"]
    missing = Artifact("encode", made.key, tmp_path / "curec" / "topics")
    shutil.rmtree(missing.folder)
    with caplog.at_level(logging.INFO, "recbole_curec"), ThreadPoolExecutor(1) as pool:
        with missing.locked():
            other = pool.submit(run_stages, shared_run.dataset, tmp_path)
            deadline = time.monotonic() + 60
            while not any("waiting for another run" in message for message in caplog.messages):
                assert time.monotonic() < deadline
                assert not other.done() or other.result()
                time.sleep(0.01)
            # Finished artifacts were read meanwhile, although somebody holds a lock.
            assert sum(": reused (" in message for message in caplog.messages) == 5
            shutil.copytree(made.folder, missing.folder, copy_function=shutil.copyfile)
            missing.folder.chmod(0o755)
        assert other.result()["encode"].key == made.key
    # The artifact that came into being during the wait was reused, not made again.
    assert sum(": reused (" in message for message in caplog.messages) == 6


def test_an_interrupted_correction_goes_on_and_ends_the_same(
    shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = artifact_bytes(shared_run.artifacts)
    batch, made = correct.write_batch, []

    def dies(*arguments: Any) -> Any:
        if len(made) == 2:
            raise KeyboardInterrupt
        records = batch(*arguments)
        made.append((records, arguments[-1]))
        return records

    shared_run.copy_to(tmp_path / "cut")
    for stage in ("correct", "encode"):
        shutil.rmtree(tmp_path / "cut" / "curec" / "topics" / shared_run.artifacts[stage].folder.name)
    monkeypatch.setattr(correct, "write_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        run_stages(shared_run.dataset, tmp_path / "cut", shared_run)
    parts = list((tmp_path / "cut").rglob("reasons-*.parquet"))
    assert len(parts) == 2
    monkeypatch.setattr(correct, "write_batch", batch)
    parts[0].write_bytes(b"")  # as a power cut may leave it
    written: list[int] = []
    write = Corrector.write
    monkeypatch.setattr(
        Corrector,
        "write",
        lambda self, jobs, name, said: (written.append(len(jobs)), write(self, jobs, name, said))[1],
    )
    resumed = run_stages(shared_run.dataset, tmp_path / "cut", shared_run)
    assert artifact_bytes(resumed) == whole
    total = resumed["correct"].manifest()["figures"]["reasons"]
    lost = next(len(records) for records, name in made if name == parts[0].stem)
    assert sum(written) == total - sum(len(records) for records, _ in made) + lost  # finished reasons are kept


def test_a_run_killed_in_grpo_ends_with_the_same_artifacts(shared_run: SharedRun, tmp_path: Path) -> None:
    given, topics = {"rl_steps": 8}, shared_run.dataset
    whole = artifact_bytes(run_stages(topics, tmp_path / "whole", shared_run, **given))
    shared_run.copy_to(tmp_path / "cut")
    script = (
        "import json, sys; from pathlib import Path; from tests.conftest import AtomicDataset; "
        "from tests.pipeline_runs import run_stages; import torch; torch.set_num_threads(1); "
        "run_stages(AtomicDataset(Path(sys.argv[1]), 'topics'), Path(sys.argv[2]), **json.loads(sys.argv[3]))"
    )
    command = [sys.executable, "-c", script, str(topics.root), str(tmp_path / "cut"), json.dumps(given)]
    root = Path(__file__).resolve().parents[2]
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
    copied = shared_run.artifacts["reinforce"].folder.name
    assert [path.parent.name for path in (tmp_path / "cut").rglob("reinforce-*/run.json")] == [copied]
    assert artifact_bytes(run_stages(topics, tmp_path / "cut", **given)) == whole
