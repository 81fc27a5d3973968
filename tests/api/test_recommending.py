"""``recommend``: lists of known users, of a new one, of everybody, from a run or a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recbole_curec as curec
from recbole_curec.errors import CURecError
from recbole_curec.serving.recommender import Recommender
from tests.pipeline_runs import SharedRun


def test_a_run_and_its_checkpoint_recommend_the_same(shared_run: SharedRun) -> None:
    run = shared_run.result
    expected = Recommender.load(run.checkpoint).for_users(["u3", "u1"], 4)
    for source in (run, run.checkpoint, str(run.checkpoint)):
        pd.testing.assert_frame_equal(curec.recommend(source, ["u3", "u1"], 4), expected)
    pd.testing.assert_frame_equal(curec.recommend(run, np.array(["u3", "u1"]), 4), expected)
    assert len(curec.recommend(run, ["u1"])) == 10
    assert curec.recommend(run, []).empty
    kept = curec.recommend(run, ["u1"], 16, keep_history=True)
    assert len(kept) == 16


def test_a_new_user(shared_run: SharedRun) -> None:
    run = shared_run.result
    table = curec.recommend(run, history=["i1", "i5"], k=3)
    expected = Recommender.load(run.checkpoint).for_history(["i1", "i5"], 3, user="new user")
    pd.testing.assert_frame_equal(table, expected)
    assert table["user"].tolist() == ["new user"] * 3
    assert table["rank"].tolist() == [1, 2, 3]
    assert not set(table["item"]) & {"i1", "i5"}


@pytest.mark.parametrize(("given", "said"), [({"k": 0}, "top_k: 0"), ({"output": "lists.txt"}, "must end in .parquet")])
def test_arguments_are_checked_before_a_checkpoint_is_read(given: dict[str, Any], said: str) -> None:
    with pytest.raises(CURecError, match=said):
        curec.recommend("no-such-checkpoint.pth", ["u1"], **given)


@pytest.mark.parametrize("name", ["lists.parquet", "below/lists.csv"])
def test_files(shared_run: SharedRun, tmp_path: Path, name: str) -> None:
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    path = tmp_path / name
    assert curec.recommend(shared_run.result, k=2, output=path) == path
    everybody = read(path)
    assert everybody["user"].nunique() == 12
    assert len(everybody) == 24
    assert curec.recommend(shared_run.result, ["u1"], 2, output=str(path)) == path
    assert read(path)["user"].tolist() == ["u1", "u1"]


def test_the_data_may_move(shared_run: SharedRun) -> None:
    run = shared_run.result
    found = curec.recommend(run, ["u1"], 2, data_path=shared_run.dataset.root)
    pd.testing.assert_frame_equal(found, curec.recommend(run, ["u1"], 2))
    with pytest.raises(CURecError, match="does not exist"):
        curec.recommend(run, ["u1"], 2, data_path="elsewhere")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Lists of everybody need a file"),
        ({"users": ["u1"], "history": ["i1"]}, "users and history cannot be given together"),
        ({"users": "u1"}, "users: 'u1' is one id"),
        ({"history": "i1"}, "history: 'i1' is one id"),
        ({"users": ["nobody"]}, "user 'nobody' is not in the data"),
        ({"users": ["u1"], "k": 0}, "must be at least 1"),
        ({"output": "lists.txt"}, "must end in .parquet or .csv"),
    ],
)
def test_what_cannot_be_asked_for(shared_run: SharedRun, given: dict[str, Any], said: str) -> None:
    with pytest.raises(CURecError) as error:
        curec.recommend(shared_run.result, **given)
    assert said in str(error.value)
    assert str(error.value).endswith(".")
