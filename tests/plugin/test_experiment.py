"""A run: all seven stages over every backbone of the first release; metrics, a checkpoint and reasons at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.experiment import _compared, run
from recbole_curec.plugin.run_record import read_run_record
from recbole_curec.plugin.trained_model import split_data, stage_artifacts
from recbole_curec.settings.settings import Settings
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, SharedRun, layered, write_topics

STAGES = ["collect", "align", "reward", "reinforce", "correct", "encode"]


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory, shared_run: SharedRun) -> Path:
    """Where the runs of this file keep their artifacts: backbones over one split share stages 1 to 6."""
    folder = tmp_path_factory.mktemp("artifacts")
    shared_run.copy_to(folder)
    return folder / "curec"


@pytest.fixture
def given(shared_run: SharedRun, artifacts: Path, tmp_path: Path) -> dict[str, Any]:
    places = {"data_path": str(shared_run.dataset.root), "checkpoint_dir": str(tmp_path / "saved")}
    return {**FAST, **places, "run.artifact_dir": str(artifacts)}


@pytest.mark.parametrize(
    ("model", "backbone"),
    [("CURec", "SASRec"), ("CURec", "GRU4Rec"), ("CURecGeneral", "BPR"), ("CURecGeneral", "LightGCN")],
)
def test_all_stages_with_every_backbone(
    given: dict[str, Any], shared_run: SharedRun, artifacts: Path, model: str, backbone: str
) -> None:
    result = run(model, shared_run.dataset.name, (), {**given, "backbone": backbone})
    assert [one.name for one in result.models] == [
        f"{model} ({backbone})", f"{backbone}, text only", f"{backbone}, ids only",
    ]  # fmt: skip
    for one in result.models:
        assert set(one.test) >= {"recall@10", "ndcg@10", "mrr@10"}
        assert all(0 <= value <= 1 for value in one.test.values())
        assert one.checkpoint.is_file()
    assert len(result.reasons) == 5
    assert len({one.checkpoint for one in result.models}) == 3
    assert result.checkpoint == result.models[0].checkpoint
    assert list(result.artifacts) == STAGES
    assert all(
        folder.is_relative_to(artifacts) and (folder / "run.json").is_file() for folder in result.artifacts.values()
    )
    first, *others = (load_plain(one.checkpoint)["config"] for one in result.models)
    fewer = {"encode.reason_source": "none"}, {"recommend.fusion": "none"}
    for baseline, expected in zip(others, fewer, strict=True):
        assert {key: baseline[key] for key in first if first[key] != baseline[key]} == expected
    recorded = read_run_record(result.checkpoint)
    assert [(one.role, one.checkpoint, one.test, one.test_without_history) for one in recorded] == [
        (role, one.checkpoint, dict(one.test), dict(one.test_without_history))
        for role, one in zip(("full", "text only", "ids only"), result.models, strict=True)
    ]
    assert bool(recorded[0].test_without_history) == (model == "CURec")
    if model == "CURec":  # the stages know nothing of the backbone
        assert result.artifacts["encode"].name == shared_run.result.artifacts["encode"].name


def test_a_run_without_its_baseline_or_without_reasons(given: dict[str, Any], shared_run: SharedRun) -> None:
    result = run("CURec", shared_run.dataset.name, (), {**given, "compare_baseline": False, "sample_reasons": 2})
    assert [one.name for one in result.models] == ["CURec (SASRec)"]
    assert len(result.reasons) == 2
    ids = run("CURec", shared_run.dataset.name, (), {**given, "fusion": "none"})
    assert [one.name for one in ids.models] == ["SASRec, ids only"]
    assert (ids.reasons, ids.artifacts) == ([], {})
    text = run("CURec", shared_run.dataset.name, (), layered(given, {"reason_source": "none"}))
    assert text.reasons == []
    assert list(text.artifacts) == ["collect", "encode"]


def test_a_plain_model_takes_the_same_path(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    given = {
        "data_path": str(atomic.root),
        "checkpoint_dir": str(tmp_path / "saved"),
        "epochs": 1,
        "show_progress": False,
    }
    result = run("SASRec", atomic.name, (), given)
    assert [one.name for one in result.models] == ["SASRec"]
    assert result.models[0].checkpoint.is_file()
    assert (result.reasons, result.artifacts) == ([], {})
    assert result.config["model"] == "SASRec"


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral"])
def test_features_are_asked_for_once_and_reach_every_split(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any], model: str
) -> None:
    config = load(model, toy, fusion="init")
    splits = [loader.dataset for loader in split_data(config)]
    assert len(fake_pipeline) == 1
    assert fake_pipeline[0].digest() == splits[0].train_history().digest()
    assert all(split.features is splits[0].features for split in splits)
    assert splits[0].features.item.shape == (splits[0].item_num, 12)


def test_a_backbone_that_cannot_be_built_fails_before_the_stages(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]
) -> None:
    config = load("CURec", toy, hidden_size=10, n_heads=3, fusion="init")
    with pytest.raises(ConfigurationError, match="SASRec cannot be built"):
        split_data(config)
    assert fake_pipeline == []


@pytest.mark.parametrize(("model", "fusion"), [("CURec", "none"), ("SASRec", "none"), ("BPR", "none")])
def test_what_uses_no_features_has_no_artifacts(
    load: Callable[..., Any], toy: AtomicDataset, model: str, fusion: str
) -> None:
    config = load(model, toy, fusion=fusion)
    assert stage_artifacts(config, split_data(config)[0].dataset) == {}


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        ({}, ["text only", "ids only"]),
        ({"encode.statements": True, "encode.shuffle_statements": True}, ["text only", "ids only"]),
        ({"encode.reason_source": "none", "encode.statements": True}, ["text only", "ids only"]),
        ({"encode.reason_source": "none"}, ["ids only"]),
    ],
)
def test_text_only_holds_neither_reasons_nor_statements(given: dict[str, Any], roles: list[str]) -> None:
    compared = _compared(Settings.from_mapping(given))
    assert [role for role, _, _ in compared] == roles
    for role, _, fewer in compared:
        encode = Settings.from_mapping({**given, **fewer}).encode
        assert role == "ids only" or (encode.reason_source, encode.statements) == ("none", False)
