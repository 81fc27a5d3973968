"""Vectors for an index: their dot products are the model's scores, so they give its lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from recbole_curec.cli import main as cli
from recbole_curec.errors import ConfigurationError
from recbole_curec.serving.recommender import Recommender
from recbole_curec.serving.vectors import IndexVectors
from tests.atomic_dataset import AtomicDataset
from tests.trained import LATE, train

COSINE = {"fusion": "late", "late.cosine": True, "late.towers": ["none", "gate", "frozen"]}


def read(path: Path, kind: str) -> tuple[list[str], np.ndarray[Any, Any]]:
    table = pq.read_table(path)
    assert table.column_names == [kind, "vector"]
    return table[kind].to_pylist(), np.array(table["vector"].to_pylist())


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("CURec gate", {}),
        ("CURec gate", LATE),
        ("CURec gate", COSINE),
        ("CURecGeneral BPR", {}),
        ("CURecGeneral LightGCN", LATE),
    ],
)
def test_vectors_give_the_lists(
    name: str,
    settings: dict[str, Any],
    load: Any,
    toy: AtomicDataset,
    fake_pipeline: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("recbole_curec.serving.vectors._ROWS_AT_ONCE", 10)
    path = train(load, toy, name, **settings).checkpoint
    assert cli.console(["export", f"--checkpoint={path}", f"--export_dir={tmp_path / 'vectors'}"]) == 0
    assert "25 item vectors and 30 user vectors of" in capsys.readouterr().out
    items, item_vectors = read(tmp_path / "vectors" / "items.parquet", "item")
    users, user_vectors = read(tmp_path / "vectors" / "users.parquet", "user")
    scores = user_vectors @ item_vectors.T
    recommender = Recommender.load(path)
    for user in ("u3", "u17"):
        listed = recommender.for_users([user], 25, keep_history=True)
        row = scores[users.index(user)]
        np.testing.assert_allclose(row[[items.index(item) for item in listed["item"]]], listed["score"], atol=2e-5)
        assert list(np.array(items)[np.argsort(-row)[:5]]) == listed["item"].tolist()[:5]


def test_a_model_that_scores_otherwise_is_refused(load: Any, toy: AtomicDataset, fake_pipeline: list[Any]) -> None:
    path = train(load, toy, "CURec gate", backbone="NARM", **LATE).checkpoint
    with pytest.raises(ConfigurationError, match="NARM is not known to score by dot products"):
        IndexVectors.load(path)
    path = train(load, toy, "CURecGeneral BPR", backbone="ENMF", fusion="none").checkpoint
    with pytest.raises(ConfigurationError, match=r"ENMF.* does not score by the dot product"):
        IndexVectors.load(path)


def test_a_folder_must_be_given(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.console(["export", f"--checkpoint={tmp_path / 'none.pth'}"]) == 2
    assert "No folder is given: set --export_dir=<folder>." in capsys.readouterr().err
