"""Ratings of any pair, and what they rest on, from a trained rating model."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recbole_curec as curec
from recbole_curec.cli import main as cli
from recbole_curec.errors import CheckpointError, ConfigurationError, DataError
from recbole_curec.plugin.experiment import RunResult, run
from recbole_curec.serving.rating_reasoner import RatingReasoner
from tests.pipeline_runs import SharedRun
from tests.review_runs import FAST, HELD_OUT, REVIEWS, USERS, rows, write

Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """One run of RecCoT, which nobody changes."""
    folder = tmp_path_factory.mktemp("rated")
    data = write(folder / "data", rows())
    places = {"data_path": str(data.root), "checkpoint_dir": str(folder), "run.log_dir": str(folder / "log")}
    return run("RecCoT", data.name, (), {**FAST, **places})


@pytest.fixture(scope="module")
def reasoner(result: RunResult) -> RatingReasoner:
    return RatingReasoner.load(result.checkpoint)


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Explain:
    """The command: exit code, stdout, stderr."""

    def call(**given: Any) -> tuple[int, str, str]:
        code = cli.console(["explain", *(f"--{key}={value}" for key, value in given.items())])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def test_a_tested_rating_is_explained_as_it_was_tested(result: RunResult, reasoner: RatingReasoner) -> None:
    tested = [(user, item, rating) for user, item, rating, time, *_ in rows() if time // 100 == REVIEWS - 1]
    ratings = reasoner.rate([(user, item) for user, item, _ in tested])
    rmse = np.sqrt(np.mean((ratings - np.array([rating for *_, rating in tested])) ** 2))
    assert rmse == pytest.approx(result.models[0].test["rmse"], abs=1e-4)


def test_the_parts_sum_to_the_rating_and_no_held_out_review_is_a_statement(reasoner: RatingReasoner) -> None:
    pairs = [("u0", f"i{k}") for k in range(8)]
    written = reasoner.write(pairs)
    assert min(len(found.statements) for found in written) == 0, "the user's first rating has nothing before it"
    assert max(len(found.statements) for found in written) == 8
    for found in written:
        total = found.mean + found.user_bias + found.item_bias + found.added
        assert np.clip(total, 1, 5) == pytest.approx(found.rating, abs=1e-4)
        for told in found.statements:
            own = (told.user, found.user) if told.side == "user" else (told.item, found.item)
            assert own[0] == own[1]
            assert (told.user, told.item) != (found.user, found.item)
            assert HELD_OUT not in told.beginning
            assert told.beginning.startswith("Told ")
        changes = [abs(told.change) for told in found.statements]
        assert changes == sorted(changes, reverse=True)


def test_the_change_is_that_of_leaving_the_review_out(result: RunResult, tmp_path: Path) -> None:
    reasoner = RatingReasoner.load(result.checkpoint)
    (found,) = reasoner.write([("u3", "i1")])
    (_, batch), *_ = reasoner._batches([("u3", "i1")])
    told = found.statements[0]
    column = "user_reviews" if told.side == "user" else "item_reviews"
    reviews = reasoner._rows
    (number,) = np.flatnonzero((reviews.users == told.user) & (reviews.items == told.item)) + 1
    before = float(reasoner._run.model.rate(batch))
    batch[column][batch[column] == number] = 0
    assert before - float(reasoner._run.model.rate(batch)) == pytest.approx(told.change, abs=1e-5)


def test_the_best_are_those_the_user_has_not_rated(reasoner: RatingReasoner) -> None:
    rated = {item for user, item, *_ in rows() if user == "u4"}
    best = reasoner.best("u4", 10)
    assert {item for _, item in best} == {f"i{k}" for k in range(8)} - rated
    ratings = reasoner.rate(best)
    assert (np.diff(ratings) <= 0).all()


def test_the_command_prints_and_writes(result: RunResult, explain: Explain, tmp_path: Path) -> None:
    code, out, err = explain(checkpoint=result.checkpoint, users="u0,u1", items="i7", statements=1)
    assert (code, err) == (0, "")
    blocks = out.strip().split("\n\n")
    assert [block.splitlines()[0].rpartition(":")[0] for block in blocks] == [
        "user u0, item i7 (Strap 7)", "user u1, item i7 (Strap 7)"
    ]  # fmt: skip
    assert [len(block.splitlines()) for block in blocks] == [4, 4]
    for name in ("why.json", "why.parquet"):
        code, out, _ = explain(checkpoint=result.checkpoint, users="u0", top_k=2, output=tmp_path / name)
        assert code == 0
        assert out.startswith("2 explanations written to ")
    told = json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))
    table = pd.read_parquet(tmp_path / "why.parquet")
    assert table["rating"].tolist() == pytest.approx([row["rating"] for row in told])
    assert [json.loads(text) for text in table["statements"]] == [row["statements"] for row in told]
    assert len(told[0]["statements"]) > 1


def test_the_command_writes_a_page_of_everybody(result: RunResult, explain: Explain, tmp_path: Path) -> None:
    file = tmp_path / "why.html"
    code, out, err = explain(checkpoint=result.checkpoint, output=file, top_k=2)
    assert (code, err) == (0, "")
    assert out.startswith(f"{2 * USERS} explanations written to ")
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', file.read_text(encoding="utf-8"))
    data = json.loads(text)
    assert data["model"] == "RecCoT (reviews)"
    assert [model["name"] for model in data["models"]] == ["RecCoT (reviews)", "RecCoT (ids)"]
    assert data["models"][0]["test"]["rmse"] == pytest.approx(result.models[0].test["rmse"], abs=1e-4)
    reasoner = RatingReasoner.load(result.checkpoint)
    assert [user["id"] for user in data["users"]] == reasoner.everybody() and len(data["users"]) == USERS
    mine = next(user for user in data["users"] if user["id"] == "u4")
    wanted = reasoner.write(reasoner.best("u4", 2))
    assert [item["rating"] for item in mine["items"]] == pytest.approx([one.rating for one in wanted], abs=1e-3)
    assert [item["reason"] for item in mine["items"]] == [
        " ".join(one.reason(reasoner.titles).split()) for one in wanted
    ]
    given = {(user, item): float(rating) for user, item, rating, *_ in rows()}
    titles = [data["texts"][number] for number in mine["history"]]
    assert list(zip(titles, mine["given"], strict=True)) == [
        (f"Strap {item[1:]}", rating) for (user, item), rating in given.items() if user == "u4"
    ]
    assert HELD_OUT not in text, "a review of the validation or test split is on the page"


def test_a_pair_of_the_data_says_what_was_given_and_in_which_split(reasoner: RatingReasoner) -> None:
    given = {(user, item): (float(rating), time // 100) for user, item, rating, time, *_ in rows()}
    known = [pair for pair in given if pair[0] == "u2"]
    splits = {REVIEWS - 1: "test", REVIEWS - 2: "validation"}
    for pair, found in zip(known, reasoner.write(known), strict=True):
        rating, time = given[pair]
        assert (found.true_rating, found.split) == (rating, splits.get(time, "training"))
    (unknown,) = reasoner.write(reasoner.best("u2", 1))
    assert (unknown.true_rating, unknown.split) == (None, None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"users": "u0"}, "No checkpoint is given"),
        ({"checkpoint": "{}"}, "Explanations for everybody need a file"),
        ({"checkpoint": "{}", "history": "i1"}, "RecCoT explains ratings of known users: give users"),
        ({"checkpoint": "{}", "users": "u0", "engine": "vllm"}, "engine: vllm has nothing to write"),
        ({"checkpoint": "{}", "users": "u0", "output": "why.htm"}, "must end in .json or .parquet or .html"),
        ({"checkpoint": "{}", "users": "u0", "items": "i1", "top_k": 3}, "--items and --top_k cannot be given"),
        ({"checkpoint": "{}", "users": "u0", "top_k": 0}, "top_k=0 cannot be used"),
        ({"checkpoint": "{}", "users": "u0", "statements": -1}, "statements=-1 cannot be used"),
        ({"checkpoint": "{}", "users": ","}, "--users=, names nothing"),
        ({"checkpoint": "{}", "users": "u77"}, "user 'u77' is not in the data (10 users) (nearest: 'u7')"),
        ({"checkpoint": "{}", "users": "u0", "items": "Strap"}, "item 'Strap' is not in the data"),
        ({"checkpoint": "{}", "users": "u0", "output": "why.csv"}, "must end in .json or .parquet or .html"),
        ({"checkpoint": "{}", "users": "u0", "epochs": 3}, "--epochs is no option of curec explain"),
        ({"checkpoint": "{}", "users": "u0", "model": "RecCoT"}, "takes model, dataset and settings"),
    ],
)  # fmt: skip
def test_one_sentence_says_what_is_wrong(
    result: RunResult, explain: Explain, given: dict[str, Any], message: str
) -> None:
    code, out, err = explain(**{key: str(value).replace("{}", str(result.checkpoint)) for key, value in given.items()})
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_ids_alone_and_other_models_have_no_statements(result: RunResult, shared_run: SharedRun) -> None:
    with pytest.raises(ConfigurationError, match="predicts from ids alone"):
        RatingReasoner.load(result.models[1].checkpoint)
    with pytest.raises(ConfigurationError, match="which predicts no ratings"):
        RatingReasoner.load(shared_run.result.checkpoint)


def test_missing_and_damaged_chains_are_said(result: RunResult, tmp_path: Path) -> None:
    root = result.artifacts["write"].parent
    copied = tmp_path / root.name
    shutil.copytree(root, copied)
    moved = {"run.artifact_dir": str(tmp_path)}
    assert RatingReasoner.load(result.checkpoint, moved).write([("u0", "i1")])
    with (copied / result.artifacts["write"].name / "chains.parquet").open("ab") as file:
        file.write(b"more")
    with pytest.raises(CheckpointError, match="is damaged"):
        RatingReasoner.load(result.checkpoint, moved).write([("u0", "i1")])
    shutil.rmtree(copied / result.artifacts["write"].name)
    with pytest.raises(CheckpointError, match="was made from is not in"):
        RatingReasoner.load(result.checkpoint, moved).write([("u0", "i1")])


def test_the_api_serves_both_systems(result: RunResult, shared_run: SharedRun) -> None:
    rated = curec.explain(result, ["u0"], 2)
    assert rated.frame()["rating"].tolist() == [row["rating"] for row in rated.rows]
    ranked = curec.explain(shared_run.result, ["u1"], 2)
    frame = ranked.frame()
    assert frame[["user", "rank"]].to_numpy().tolist() == [["u1", 1], ["u1", 2]]
    assert frame["item"].tolist() == curec.recommend(shared_run.result, ["u1"], 2)["item"].tolist()
    assert all(frame["reason"].str.len() > 0)
    assert str(ranked).startswith("user u1, CURec (SASRec) on topics")
    named = curec.explain(shared_run.result, ["u1"], items=["i5"])
    assert named.frame()["item"].tolist() == ["i5"]
    for users in ("u1", ["u99"]):
        with pytest.raises((ConfigurationError, DataError)):
            curec.explain(result, users)


def test_a_run_over_moved_files_is_explained(shared_run: SharedRun, tmp_path: Path) -> None:
    shutil.copytree(shared_run.dataset.root, tmp_path / "moved")
    told = curec.explain(shared_run.result.checkpoint, ["u1"], 1, data_path=tmp_path / "moved")
    assert told.frame()["reason"].tolist() == curec.explain(shared_run.result, ["u1"], 1).frame()["reason"].tolist()


def test_reasoner_load_gives_the_reasoner_of_the_run(result: RunResult) -> None:
    for source in (result, result.checkpoint):
        found = curec.Reasoner.load(source)
        assert isinstance(found, RatingReasoner)
        assert found.write([("u0", "i7")])[0].reason(found.titles)
