"""Every backbone of the first release through all seven stages, with metrics, a checkpoint and reasons at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.plugin.experiment import run
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, write_topics


@pytest.mark.parametrize(
    ("model", "backbone"),
    [("CURec", "SASRec"), ("CURec", "GRU4Rec"), ("CURecGeneral", "BPR"), ("CURecGeneral", "LightGCN")],
)
def test_all_stages_with_every_backbone(atomic: AtomicDataset, tmp_path: Path, model: str, backbone: str) -> None:
    write_topics(atomic)
    given = {**FAST, "data_path": str(atomic.root), "checkpoint_dir": str(tmp_path / "saved"), "backbone": backbone}
    result = run(model, atomic.name, (), given)
    assert [one.name for one in result.models] == [f"{model} ({backbone})", f"{backbone}, ids only"]
    for one in result.models:
        assert set(one.test) >= {"recall@10", "ndcg@10", "mrr@10"}
        assert all(0 <= value <= 1 for value in one.test.values())
        assert one.checkpoint.is_file()
    assert len(result.reasons) == 5
    assert result.models[0].checkpoint != result.models[1].checkpoint


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
