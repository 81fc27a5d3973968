"""Explained lists of a run whose vectors are made of reviews: the reviews in the place of reasons."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recbole_curec as curec
from recbole_curec.cli import main as cli
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.experiment import RunResult, run
from recbole_curec.serving.recommender import Recommender
from tests.atomic_dataset import AtomicDataset
from tests.review_runs import FAST, HELD_OUT, REVIEWS, rows, write

RANKING = {
    "inner_size": 16, "n_layers": 1, "n_heads": 1, "hidden_size": 16, "topk": [3], "valid_metric": "NDCG@3",
    "MAX_ITEM_LIST_LENGTH": 5, "encode": {"reason_source": "reviews", "feature_dim": 6},
}  # fmt: skip
USERS = ["u1", "u4"]
Made = tuple[RunResult, AtomicDataset, Path]


def ranked(made: tuple[AtomicDataset, Path], **given: Any) -> RunResult:
    data, folder = made
    places = {"data_path": str(data.root), "checkpoint_dir": str(folder), "run.log_dir": str(folder / "log")}
    known = {key: value for key, value in FAST.items() if key != "reccot"}
    return run(
        "CURec", data.name, (), {**known, **RANKING, **places, "artifact_dir": str(folder / "artifacts"), **given}
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[AtomicDataset, Path]:
    """The data, and a folder of runs that share their artifacts."""
    folder = tmp_path_factory.mktemp("told")
    return write(folder / "data", rows()), folder


@pytest.fixture(scope="module")
def result(place: tuple[AtomicDataset, Path]) -> RunResult:
    """One run, which nobody changes."""
    return ranked(place)


def test_lists_and_scores_are_those_of_the_recommender(result: RunResult) -> None:
    wanted = Recommender.load(result.checkpoint).for_users(USERS, 2)
    found = curec.explain(result, USERS, 2)
    frame = found.frame()
    assert frame[["user", "rank", "item"]].values.tolist() == wanted[["user", "rank", "item"]].values.tolist()
    np.testing.assert_allclose(frame["score"], wanted["score"], rtol=1e-5)
    for row in found.rows:
        assert set(row["sources"]) == {"ids", "text", "reviews", "base"}
        assert sum(row["sources"].values()) == pytest.approx(row["score"], abs=1e-4)
        assert set(row["ranks_elsewhere"]) == {"text only", "ids only"}
        assert "reason" not in row


def test_reviews_are_training_reviews_of_both_sides_and_never_the_pairs_own(result: RunResult) -> None:
    training = [row for row in rows() if row[3] // 100 < REVIEWS - 2]
    items = [f"i{number}" for number in range(8)]
    found = curec.explain(result, USERS, items=items)
    own = {(user, item) for user, item, *_ in training}
    assert any((row["user"], row["item"]) in own for row in found.rows), "no row has a review of its own"
    for row in found.rows:
        about = [one for one in training if one[1] == row["item"] and one[0] != row["user"]]
        by = [one for one in training if one[0] == row["user"] and one[1] != row["item"]]
        for key, wanted in (("item_reviews", about), ("user_reviews", by)):
            latest = sorted(wanted, key=lambda one: -one[3])
            assert row[f"{key}_in_all"] == len(wanted)
            told = [(one["user"], one["item"], one["rating"]) for one in row[key]]
            assert told == [(one[0], one[1], float(one[2])) for one in latest[:5]]
            assert all(one["beginning"].startswith(f"Told {one['user'][1:]}") for one in row[key])
    assert HELD_OUT not in json.dumps(found.rows)


def test_a_new_user_has_no_review(result: RunResult) -> None:
    found = curec.explain(result, history=["i3", "i7"], k=2)
    assert [row["user_reviews_in_all"] for row in found.rows] == [0, 0]
    assert all(row["item_reviews"] for row in found.rows)
    assert "user's    no review" in found.blocks[0]


def test_a_run_over_moved_files_is_explained(
    result: RunResult, place: tuple[AtomicDataset, Path], tmp_path: Path
) -> None:
    shutil.copytree(place[0].root, tmp_path / "moved")
    moved = curec.explain(result, USERS, 1, data_path=tmp_path / "moved")
    assert moved.rows == curec.explain(result, USERS, 1).rows


def test_the_command_writes_every_format(result: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("why.json", "why.parquet", "why.html"):
        given = [f"--checkpoint={result.checkpoint}", "--users=u1,u4", "--top_k=2", f"--output={tmp_path / name}"]
        assert cli.console(["explain", *given]) == 0
        assert "4 explanations written to" in capsys.readouterr().out
    told = json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))
    flat = pd.read_parquet(tmp_path / "why.parquet")
    assert [json.loads(text) for text in flat["item_reviews"]] == [row["item_reviews"] for row in told]
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    assert "The item's reviews" in page and 'id="faulty"' not in page


def test_what_cannot_be_told_is_said(result: RunResult, place: tuple[AtomicDataset, Path]) -> None:
    with pytest.raises(ConfigurationError, match="engine: vllm has nothing to write"):
        curec.explain(result, USERS, 1, engine="vllm")
    with pytest.raises(ConfigurationError, match="wrote no reasons whose faithfulness could be measured"):
        curec.faithfulness(result, USERS)
    encode = {**RANKING["encode"], "shuffle_reviews": True}  # type: ignore[dict-item]
    shuffled = ranked(place, encode=encode, **{"run.compare_baseline": False})
    with pytest.raises(ConfigurationError, match="gave every review's vector to another review"):
        curec.explain(shuffled, USERS, 1)
