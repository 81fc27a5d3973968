"""A finished fold is kept while it is whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from recbole_curec.pipeline.stage import Workspace
from recbole_curec.stages.folds import fold_place, keep_report, kept_report

REPORT = {"examples": 3, "loss_last": 0.5}


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    (tmp_path / "scratch").mkdir()
    place = fold_place(Workspace(tmp_path, tmp_path / "scratch", 0, torch.device("cpu")), 1)
    assert kept_report(place, "aligned.json") is None
    (place.folder / "model.safetensors").write_bytes(b"weights")
    keep_report(place, "aligned.json", REPORT)
    return place


def test_a_whole_fold_is_kept(place: Workspace) -> None:
    assert kept_report(place, "aligned.json") == REPORT
    assert (place.folder.name, place.scratch.name) == ("fold-1", "fold-1")


def _rewrite(place: Workspace, change: Callable[[str], str]) -> None:
    path = place.scratch / "aligned.json"
    path.write_text(change(path.read_text()))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda place: (place.folder / "model.safetensors").write_bytes(b"weightS"), "model.safetensors was altered"),
        (lambda place: (place.folder / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda place: _rewrite(place, lambda text: text.replace("0.5", "0.7")), "aligned.json was altered"),
        (lambda place: _rewrite(place, lambda text: text[:9]), "aligned.json was altered"),
    ],
)
def test_a_damaged_fold_is_made_again(
    place: Workspace, harm: Callable[[Workspace], None], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    harm(place)
    assert kept_report(place, "aligned.json") is None
    assert said in caplog.text
    assert "made again" in caplog.text


@pytest.mark.parametrize(("text", "kept"), [(json.dumps(REPORT), REPORT), ("{", None), ("[]", None)])
def test_a_report_of_an_earlier_version(place: Workspace, text: str, kept: dict[str, float] | None) -> None:
    (place.scratch / ".aligned.json.seal").unlink()
    (place.scratch / "aligned.json").write_text(text)
    assert kept_report(place, "aligned.json") == kept
