"""``curec recommend``: lists from a checkpoint, printed or written; one sentence for what cannot be done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recbole_curec.cli import main as cli
from recbole_curec.serving.recommender import Recommender
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_rows
from tests.pipeline_runs import SharedRun
from tests.trained import Trained, train

Recommend = Callable[..., tuple[int, str, str]]


@pytest.fixture
def recommend(capsys: pytest.CaptureFixture[str]) -> Recommend:
    """The command: exit code, stdout, stderr."""

    def call(*arguments: str, **given: Any) -> tuple[int, str, str]:
        code = cli.console(["recommend", *arguments, *(f"--{key}={value}" for key, value in given.items())])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


@pytest.fixture
def trained(load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]) -> Callable[..., Trained]:
    return lambda name, **overrides: train(load, toy, name, **overrides)


def printed(text: str) -> list[tuple[str, ...]]:
    """User, rank, item, score and title of every printed row."""
    rows: list[tuple[str, ...]] = []
    user = ""
    for line in text.splitlines():
        if line.startswith("user "):
            user = line.removeprefix("user ")
        elif line:
            rows.append((user, *line.split(maxsplit=3)))
    return rows


@pytest.mark.parametrize("name", ["CURec gate", "CURecGeneral BPR", "SASRec", "BPR"])
def test_known_users_are_printed_with_titles(trained: Callable[..., Trained], recommend: Recommend, name: str) -> None:
    path = trained(name).checkpoint
    code, out, _ = recommend(checkpoint=path, users="u17,u3", top_k=4)
    assert code == 0
    expected = Recommender.load(path).for_users(["u17", "u3"], 4)
    rows = printed(out)
    assert [(user, int(rank), item) for user, rank, item, _, _ in rows] == list(
        expected[["user", "rank", "item"]].itertuples(index=False, name=None)
    )
    assert [title for *_, title in rows] == [f"Story {item[1:]}" for item in expected["item"]]
    assert [float(score) for _, _, _, score, _ in rows] == pytest.approx(expected["score"].tolist(), abs=1e-4)


def test_ten_items_are_listed_without_those_the_user_has(trained: Callable[..., Trained], recommend: Recommend) -> None:
    path = trained("CURec gate").checkpoint
    had = {item for user, item, _ in random_rows() if user == "u5"}
    _, out, _ = recommend(checkpoint=path, users="u5")
    items = [item for _, _, item, *_ in printed(out)]
    assert len(items) == 10
    assert not had & set(items)
    _, out, _ = recommend(checkpoint=path, users="u5", keep_history=True, top_k=25)
    assert {item for _, _, item, *_ in printed(out)} == {f"i{k}" for k in range(25)}


def test_a_new_user_from_a_history(trained: Callable[..., Trained], recommend: Recommend) -> None:
    path = trained("CURec gate").checkpoint
    code, out, _ = recommend(checkpoint=path, history="i3, i8,i1", top_k=3)
    assert code == 0
    expected = Recommender.load(path).for_history(["i3", "i8", "i1"], 3)
    assert [item for _, _, item, *_ in printed(out)] == expected["item"].tolist()
    assert {user for user, *_ in printed(out)} == {"new user"}


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_everybody_goes_into_a_file(trained: Callable[..., Trained], recommend: Recommend, suffix: str) -> None:
    path = trained("CURec gate").checkpoint
    code, out, _ = recommend(checkpoint=path, output=f"out/lists.{suffix}", top_k=3)
    assert (code, out.strip()) == (0, f"90 rows written to out/lists.{suffix}")
    found = pd.read_parquet("out/lists.parquet") if suffix == "parquet" else pd.read_csv("out/lists.csv")
    expected = pd.concat(list(Recommender.load(path).for_everybody(3)), ignore_index=True)
    assert found[["user", "rank", "item"]].values.tolist() == expected[["user", "rank", "item"]].values.tolist()
    assert found["score"].tolist() == pytest.approx(expected["score"].tolist(), rel=1e-6)
    code, out, _ = recommend(checkpoint=path, output=f"out/some.{suffix}", users="u3,u4", top_k=2)
    assert (code, out.strip()) == (0, f"4 rows written to out/some.{suffix}")


@pytest.mark.parametrize("ids", [["007", "7"], ["1e5", "100000"], ["1_0", "10"], ["true", "none"], ["a=b", "0x1"]])
def test_ids_are_taken_as_they_are_written(
    load: Callable[..., Any], atomic: AtomicDataset, recommend: Recommend, ids: list[str]
) -> None:
    items = [f"{number:03}" for number in range(6)]
    atomic.interactions([(user, item, time) for user in ids for time, item in enumerate(items[:4])])
    atomic.write("item", "item_id:token title:token_seq", [(item, f"Story {item}") for item in items])
    columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id"]}
    path = train(load, atomic, "CURec none", load_col=columns).checkpoint
    code, out, err = recommend(checkpoint=path, users=",".join(ids), top_k=1)
    assert code == 0, err
    assert [user for user, *_ in printed(out)] == ids
    code, out, err = recommend(checkpoint=path, history="001,003", top_k=1)
    assert code == 0, err


def test_the_checkpoint_of_a_whole_run(shared_run: SharedRun, recommend: Recommend) -> None:
    run = shared_run.result
    for model in run.models:
        code, out, err = recommend(checkpoint=model.checkpoint, users="u1,u2", top_k=2)
        assert code == 0, err
        assert [user for user, *_ in printed(out)] == ["u1", "u1", "u2", "u2"]
    assert "Story" in out


def _fails(result: tuple[int, str, str], *parts: str) -> None:
    code, out, err = result
    assert (code, out) == (2, "")
    (line,) = err.strip().splitlines()
    assert line.startswith("error: ")
    assert line.endswith(".")
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"users": "u1"}, ("No checkpoint is given", "--checkpoint")),
        ({"checkpoint": "nowhere.pth", "users": "u1"}, ("There is no checkpoint at 'nowhere.pth'",)),
        ({"checkpoint": "x.pth"}, ("Lists of everybody need a file", "--output", "--users")),
        ({"checkpoint": "x.pth", "users": "u1", "history": "i1"}, ("--users and --history cannot be given together",)),
        ({"checkpoint": "x.pth", "users": ""}, ("--users= names nothing",)),
        ({"checkpoint": "x.pth", "history": " , "}, ("names nothing: give original ids separated by commas",)),
        ({"checkpoint": "x.pth", "users": "u1", "top_k": 0}, ("top_k=0 cannot be used",)),
        ({"checkpoint": "x.pth", "users": "u1", "top_k": "many"}, ("top_k='many' cannot be used",)),
        ({"checkpoint": "x.pth", "users": "u1", "keep_history": "maybe"}, ("keep_history='maybe' cannot be used",)),
        ({"checkpoint": "x.pth", "output": "lists.json"}, ("'lists.json' must end in .parquet or .csv",)),
        ({"checkpoint": "x.pth", "output": "taken/lists.csv"}, ("'taken' cannot be a folder", "choose another folder")),
        ({"checkpoint": "x.pth", "users": "u1", "topk": 3}, ("--topk is no option", "(nearest: 'top_k')", "--output")),
        ({"checkpoint": "x.pth", "users": "u1", "fusion": "none"}, ("--fusion is no option", "from the checkpoint")),
        ({"checkpoint": "x.pth", "users": "u1", "model": "CURec"}, ("takes model, dataset and settings from",)),
    ],
)
def test_what_cannot_be_asked_for(recommend: Recommend, given: dict[str, Any], parts: tuple[str, ...]) -> None:
    Path("taken").write_text("a file")
    _fails(recommend(**given), *parts)


def test_arguments_of_another_form(recommend: Recommend) -> None:
    _fails(recommend("checkpoint.pth"), "'checkpoint.pth' is not of the form --key=value")
    _fails(recommend("--users=u1", "--users=u2", checkpoint="x.pth"), "--users is given twice")


@pytest.mark.parametrize("name", ["CURec gate", "BPR"])
def test_what_is_not_in_the_data(trained: Callable[..., Trained], recommend: Recommend, name: str) -> None:
    path = trained(name).checkpoint
    _fails(recommend(checkpoint=path, users="u1,u99"), "user 'u99' is not in the data (30 users)")
    if name == "CURec gate":
        _fails(recommend(checkpoint=path, history="i1,i99"), "item 'i99' is not in the data (25 items)")
    else:
        _fails(recommend(checkpoint=path, history="i1"), "model: BPR keeps a vector per user")


@pytest.mark.parametrize("name", ["CURec gate", "CURecGeneral BPR", "SASRec", "BPR"])
def test_data_that_changed_moved_or_are_gone(
    trained: Callable[..., Trained], recommend: Recommend, toy: AtomicDataset, name: str
) -> None:
    path = trained(name).checkpoint
    _, expected, _ = recommend(checkpoint=path, users="u1")
    moved = toy.root.with_name("moved")
    shutil.copytree(toy.root, moved)
    toy.interactions(random_rows()[::-1])
    _fails(recommend(checkpoint=path, users="u1"), str(path), "was trained on other", "give data_path")
    shutil.rmtree(toy.root)
    _fails(recommend(checkpoint=path, users="u1"), "toy.inter does not exist", "set data_path")
    code, out, _ = recommend(checkpoint=path, users="u1", data_path=moved)
    assert (code, out) == (0, expected)


def test_it_is_no_work_for_several_processes(recommend: Recommend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, err = recommend(checkpoint="x.pth", users="u1")
    assert code == 2
    assert "curec recommend runs in one process, not in 2" in err
