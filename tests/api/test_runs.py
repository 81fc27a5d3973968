"""What a run has written, found from its result, from a checkpoint or from a folder."""

from __future__ import annotations

import dataclasses
import gc
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recbole_curec as curec
from recbole_curec.errors import CheckpointError, CURecError
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import FAST, SharedRun
from tests.trained import train

COLUMNS = [
    "user", "item", "position", "text", "evidence", "rewards", "fault", "fault_kind", "outcome", "draft", "written_for",
]  # fmt: skip


def _sources(shared_run: SharedRun, stage: str) -> list[Any]:
    """The result, its checkpoint as a path and as text, and the artifact's folder."""
    run = shared_run.result
    return [run, run.checkpoint, str(run.checkpoint), run.artifacts[stage]]


def test_reasons(shared_run: SharedRun) -> None:
    tables = [curec.load_reasons(source) for source in _sources(shared_run, "correct")]
    for table in tables:
        assert list(table) == COLUMNS
        pd.testing.assert_frame_equal(table, tables[0])
    first = tables[0].iloc[0]
    assert isinstance(first["evidence"], dict)
    assert "total" in first["rewards"]
    assert tables[0]["outcome"].isin(["kept", "repaired", "replaced", "left"]).all()


def test_features(shared_run: SharedRun) -> None:
    stores = [curec.load_features(source) for source in _sources(shared_run, "encode")]
    for store in stores:
        assert list(store.item_tokens) == list(stores[0].item_tokens)
        assert np.array_equal(store.item, stores[0].item)
    assert stores[0].item.shape == (16, 8)


def test_the_reasoner_of_a_checkpoint_is_that_of_the_run(shared_run: SharedRun) -> None:
    pairs = [("u1", "i5"), ("u2", "i2")]
    written = [curec.Reasoner.load(source).write(pairs) for source in (shared_run.result, shared_run.result.checkpoint)]
    assert written[0] == written[1]
    assert isinstance(curec.Reasoner.load(shared_run.result), curec.Reasoner)


def test_a_loaded_reasoner_takes_its_scratch_files_with_it(
    shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reasoner = curec.Reasoner.load(shared_run.result, engine="ctranslate2")
    assert list(tmp_path.glob("curec-*/*"))
    del reasoner
    gc.collect()
    assert list(tmp_path.glob("curec-*")) == []


def _sentence(call: Callable[[], Any], *parts: str) -> None:
    with pytest.raises(CURecError) as error:
        call()
    for part in parts:
        assert part in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["SASRec", "BPR", "CURec none"])
def test_a_run_without_features_has_written_nothing(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any], name: str
) -> None:
    path = train(load, toy, name).checkpoint
    _sentence(lambda: curec.load_reasons(path), "The run has no 'correct' artifact")
    _sentence(lambda: curec.load_features(path), "The run has no 'encode' artifact")
    _sentence(lambda: curec.Reasoner.load(path), "The run wrote no reasons (no 'collect' artifact)")


def test_artifacts_that_are_gone_are_named(shared_run: SharedRun, tmp_path: Path) -> None:
    shared_run.copy_to(tmp_path / "saved")
    given = {"checkpoint_dir": str(tmp_path / "saved"), "data_path": str(shared_run.dataset.root)}
    config = {**FAST, **given, "compare_baseline": False}
    run = curec.run("CURec", shared_run.dataset.name, config=config)
    (folder,) = (tmp_path / "saved" / "curec" / shared_run.dataset.name).glob("reward-*")
    shutil.rmtree(folder)
    _sentence(lambda: curec.load_reasons(run.checkpoint), folder.name, "set run.artifact_dir")
    _sentence(lambda: curec.load_reasons(tmp_path), "holds no reasons.parquet: give the folder of a 'correct' artifact")
    _sentence(lambda: curec.load_features(tmp_path / "nowhere.pth"), "There is no checkpoint at")
    with pytest.raises(CheckpointError):
        curec.Reasoner.load(run.checkpoint)


@pytest.mark.parametrize(
    ("stage", "file", "read"),
    [
        ("correct", "reasons.parquet", curec.load_reasons),
        ("encode", "items.parquet", curec.load_features),
        ("encode", "features.safetensors", curec.load_features),
        ("reward", "users.json", curec.Reasoner.load),
        ("reinforce", "run.json", curec.Reasoner.load),
    ],
)
def test_an_artifact_that_was_altered_is_named(
    shared_run: SharedRun, tmp_path: Path, stage: str, file: str, read: Callable[[Any], Any]
) -> None:
    folders = {
        name: Path(shutil.copytree(folder, tmp_path / folder.name))
        for name, folder in shared_run.result.artifacts.items()
    }
    altered = dataclasses.replace(shared_run.result, artifacts=folders)
    (folders[stage] / file).write_bytes(b"[]")
    sources = [altered] if stage in ("reward", "reinforce") else [altered, folders[stage]]
    for source in sources:
        with pytest.raises(CheckpointError, match=rf"'{folders[stage]}' is damaged \(.*{file}.*\): run the command"):
            read(source)
