"""The table of explanation quality: every row on the same held-out pairs of the session's run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.pipeline_runs import FAST, SharedRun
from tests.tiny_llm import save_llm

pytest.importorskip("sacrebleu", reason="pip install 'sacrebleu>=2.6'")
pytest.importorskip("rouge_score", reason="pip install 'rouge-score>=0.1.2'")

ROOT = Path(__file__).resolve().parents[2]


def test_all_rows_of_a_finished_run(
    shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import explanation_quality

    shared_run.copy_to(tmp_path / "saved")
    data = {"dataset": shared_run.dataset.name, "data_path": shared_run.dataset.root, "scratch": tmp_path / "saved"}
    sizes = {"pairs": 5, "examples": 2, "sentences": 0, "samples": 10, "reason_seed": 2020, "device": "cpu"}
    given = {**FAST, **data, **sizes, "out": tmp_path / "out.json", "unaligned": save_llm(tmp_path / "small")}
    monkeypatch.setattr(sys, "argv", ["script", *(f"--{name}={value}" for name, value in given.items())])
    assert explanation_quality.main() == 0
    assert len(list((tmp_path / "saved").glob("curec/*/reinforce-*"))) == 1  # the run's stages are reused
    record = json.loads((tmp_path / "out.json").read_text())
    (found,) = record["runs"]
    names = [one["set"] for one in found["sets"]]
    assert names[:7] == ["constant", "popular", "unaligned, small", "teacher", "SFT", "+ RL", "+ correction"]
    assert [one["oracle"] for one in found["sets"]] == [False] * 7 + [True] * 2
    assert (found["reason_seed"], found["pairs"], found["settings"]["reinforce"]["steps"]) == (2020, 5, 4)
    spreads = record["spreads"]
    assert spreads["constant"]["usr"]["values"] == [0.2]
    assert spreads["teacher"]["grounded"]["mean"] == 1
    # "review 3 2" for "review 0 5" shares one word of three.
    assert spreads["oracle: the rows above"]["rouge_1"]["mean"] >= spreads["popular"]["rouge_1"]["mean"] > 33
    assert {one["row"] for one in record["comparisons"]} == {*names} - {"+ correction"}
    assert [set(one["texts"]) for one in found["examples"]] == [{*names}] * 2
    assert record["environment"]["packages"]["sacrebleu"].startswith("2.")
    assert "| constant | 0.200 |" in capsys.readouterr().out

    monkeypatch.setattr(sys, "argv", ["script", "--dataset=topics", "--encoder=lsaa"])
    assert explanation_quality.main() == 2
    assert capsys.readouterr().err.startswith("encoder='lsaa' is no folder")

    asked = {**data, "device": "cpu", "unaligned": tmp_path / "nowhere", "out": tmp_path / "none.json"}
    monkeypatch.setattr(sys, "argv", ["script", *(f"--{name}={value}" for name, value in asked.items())])
    assert explanation_quality.main() == 2  # before anything is trained
    assert "nowhere" in capsys.readouterr().err
