"""The toy dataset's right answer is known by construction: ids alone cannot find it, text and reasons can."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from recbole_curec.plugin.experiment import RunResult, run
from recbole_curec.rewards.gaming import POLICIES

DATASET = Path(__file__).resolve().parents[1] / "dataset"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The whole pipeline, once."""
    folder = tmp_path_factory.mktemp("toy")
    overrides = {"data_path": str(DATASET), "checkpoint_dir": str(folder), "show_progress": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["pytest"])
        return run("CURec", "toy", (), overrides)


def test_reasons_find_what_ids_cannot(result: RunResult) -> None:
    lifted, text, plain = result.models
    # Chance is 10 of 400; a model that knows the topic ranks ten of its sixteen items.
    assert plain.test["recall@10"] < 0.1
    assert lifted.test["recall@10"] > 0.3
    assert text.test["recall@10"] > 0.3  # the topic is in the titles
    assert lifted.test["ndcg@10"] > 3 * plain.test["ndcg@10"]
    assert len(result.reasons) == 5
    for stage in ("collect", "align", "reward", "reinforce", "correct", "encode"):
        assert (result.artifacts[stage] / "run.json").is_file()


def test_gaming_the_rewards_does_not_pay(result: RunResult) -> None:
    figures = json.loads((result.artifacts["reinforce"] / "run.json").read_text(encoding="utf-8"))["figures"]
    gaming = figures["gaming"]
    assert gaming.keys() == POLICIES.keys()
    for name, rewards in gaming.items():
        assert rewards["total"] < min(figures["before"]["total"], figures["after"]["total"]), name
