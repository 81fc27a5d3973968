"""The toy dataset's right answer is known by construction: ids alone cannot find it, text and reasons can."""

from __future__ import annotations

from pathlib import Path

import torch

from recbole_curec.quick_start import run

DATASET = Path(__file__).resolve().parents[1] / "dataset"


def test_reasons_find_what_ids_cannot(tmp_path: Path) -> None:
    torch.set_num_threads(2)
    overrides = {"data_path": str(DATASET), "checkpoint_dir": str(tmp_path), "show_progress": False}
    result = run("CURec", "toy", (), overrides)
    lifted, plain = result.models
    # Chance is 10 of 400; a model that knows the topic ranks ten of its sixteen items.
    assert plain.test["recall@10"] < 0.1
    assert lifted.test["recall@10"] > 0.3
    assert lifted.test["ndcg@10"] > 3 * plain.test["ndcg@10"]
    assert len(result.reasons) == 5
    for stage in ("collect", "align", "reward", "reinforce", "correct", "encode"):
        assert (result.artifacts[stage] / "run.json").is_file()
