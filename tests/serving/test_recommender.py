"""Top-K lists: of known users, of a new one, of everybody; the same scores as the trained model gives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.utils import init_seed

import recbole_curec
from recbole_curec.errors import CheckpointError, ConfigurationError, CURecError, DataError
from recbole_curec.plugin import scoring
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.serving.recommender import Recommender
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_rows
from tests.pipeline_runs import SharedRun
from tests.trained import CHECKPOINTS, Trained, train

SEQUENTIAL = [name for name in CHECKPOINTS if name.startswith("CURec ") or name == "SASRec"]
GENERAL = [name for name in CHECKPOINTS if name not in SEQUENTIAL]
COLUMNS = ["user", "rank", "item", "score"]


@pytest.fixture
def trained(load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]) -> Callable[..., Trained]:
    return lambda name, **overrides: train(load, toy, name, **overrides)


def taken() -> dict[str, list[str]]:
    """Every user's items, oldest first, straight from the data."""
    found: dict[str, list[str]] = {}
    for user, item, _ in sorted(random_rows(), key=lambda row: row[2]):
        found.setdefault(user, []).append(item)
    return found


def by_hand(before: Trained, user: str, items: list[str], *, k: int, keep: bool = False) -> pd.DataFrame:
    """A list from the model in memory, one user at a time."""
    dataset, config = before.splits[0].dataset, before.config
    ids = torch.tensor(dataset.token2id("item_id", items))
    columns = {"user_id": torch.tensor([dataset.token2id("user_id", user)])}
    if getattr(config["MODEL_TYPE"], "name", "") == "SEQUENTIAL":
        recent = ids[-config["MAX_ITEM_LIST_LENGTH"] :]
        table = torch.zeros(1, config["MAX_ITEM_LIST_LENGTH"], dtype=torch.long)
        table[0, : len(recent)] = recent
        columns |= {"item_id_list": table, "item_length": torch.tensor([len(recent)])}
    with torch.no_grad():
        scores = before.model.eval().full_sort_predict(Interaction(columns)).view(-1)
    order = [int(item) for item in scores.argsort(descending=True) if item and (keep or item not in ids)][:k]
    return pd.DataFrame(
        {
            "user": user,
            "rank": range(1, len(order) + 1),
            "item": dataset.id2token("item_id", order),
            "score": scores[order].numpy(),
        }
    )


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal but for the last digit of a score: other users in a batch may round a sum otherwise."""
    assert list(found) == COLUMNS
    for column in ("user", "rank", "item"):
        assert found[column].tolist() == expected[column].tolist(), column
    assert np.allclose(found["score"], expected["score"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("name", CHECKPOINTS)
def test_known_users_get_what_the_trained_model_ranks_highest(
    trained: Callable[..., Trained], fake_pipeline: list[Any], name: str, keep: bool
) -> None:
    before, histories = trained(name), taken()
    asked = len(fake_pipeline)
    recommender = Recommender.load(before.checkpoint)
    users = ["u17", "u3", "u29"]
    found = recommender.for_users(users, 4, keep_history=keep)
    same(found, pd.concat([by_hand(before, user, histories[user], k=4, keep=keep) for user in users]))
    assert keep or not {(row.user, row.item) for row in found.itertuples()} & {
        (user, item) for user in users for item in histories[user]
    }
    assert len(fake_pipeline) == asked, "no stage runs"


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_a_new_user_with_the_history_of_a_known_one_gets_the_same_list(
    trained: Callable[..., Trained], name: str
) -> None:
    before, histories = trained(name), taken()
    recommender = Recommender.load(before.checkpoint)
    for user in ("u2", "u11"):
        for keep in (False, True):
            new = recommender.for_history(histories[user], 6, user="somebody", keep_history=keep)
            known = recommender.for_users([user], 6, keep_history=keep)
            same(new.assign(user=user), known)
            assert new["user"].unique().tolist() == ["somebody"]
    # Another history, as an array: the order counts.
    one, other = (recommender.for_history(np.array(items), 3) for items in (["i3", "i8"], ["i8", "i3"]))
    same(one, by_hand(before, "u0", ["i3", "i8"], k=3).assign(user=""))
    assert not np.allclose(one["score"], other["score"])


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_everybody_gets_the_list_that_each_user_gets(
    trained: Callable[..., Trained], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(scoring, "_MOST_USERS", 7)
    recommender = Recommender.load(trained(name).checkpoint)
    tables = list(recommender.for_everybody(5))
    assert [table["user"].nunique() for table in tables] == [7, 7, 7, 7, 2]
    everybody = pd.concat(tables)
    assert sorted(everybody["user"].unique()) == sorted(taken())
    for user, rows in everybody.groupby("user"):
        same(rows, recommender.for_users([user], 5))
    monkeypatch.setattr(scoring, "_SCORES_AT_ONCE", 26 * 2)
    assert Recommender.load(trained(name).checkpoint).batch_size == 2, "many items, few users at a time"


def test_a_list_ends_where_the_items_end(trained: Callable[..., Trained]) -> None:
    recommender, histories = Recommender.load(trained("CURec none").checkpoint), taken()
    table = recommender.for_users(["u4"], 1000)
    assert set(table["item"]) == {f"i{k}" for k in range(25)} - set(histories["u4"])
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["score"].is_monotonic_decreasing
    whole = recommender.for_users(["u4"], 1000, keep_history=True)
    assert set(whole["item"]) == {f"i{k}" for k in range(25)}
    assert recommender.for_history([f"i{k}" for k in range(25)], 3).empty
    assert list(recommender.for_users([], 3)) == COLUMNS


def test_a_user_may_be_named_twice_and_by_a_number(trained: Callable[..., Trained], toy: AtomicDataset) -> None:
    toy.interactions([(user.removeprefix("u"), item, time) for user, item, time in random_rows()])
    recommender = Recommender.load(trained("BPR").checkpoint)
    table = recommender.for_users([3, "3"], 2)
    assert table["user"].tolist() == ["3"] * 4
    assert table["item"].tolist()[:2] == table["item"].tolist()[2:]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("CURecGeneral BPR", {"backbone": "MultiVAE"}),
        ("CURec gate", {"backbone": "BERT4Rec"}),
        ("CURec gate", {"backbone": "FPMC"}),
        ("CURec none", {"loss": "sampled_CE", "sampled_negatives": 8}),
        ("CURec init", {"backbone": "GRU4Rec", "fusion_alignment": 0.1}),
    ],
)
def test_other_kinds_of_backbones_too(trained: Callable[..., Trained], name: str, settings: dict[str, Any]) -> None:
    before, histories = trained(name, **settings), taken()
    found = Recommender.load(before.checkpoint).for_users(["u5", "u6"], 5)
    same(found, pd.concat([by_hand(before, user, histories[user], k=5) for user in ("u5", "u6")]))


@pytest.mark.parametrize("model", ["EASE", "ItemKNN", "Pop", "MultiVAE", "NeuMF", "GRU4Rec", "FPMC", "SASRecCPR"])
def test_other_plain_models_too(load: Callable[..., Any], toy: AtomicDataset, model: str) -> None:
    sequential = model in ("GRU4Rec", "FPMC", "SASRecCPR")
    config = load(model, toy, epochs=1, n_layers=1, reranker_CAN_NUM=5, mlp_hidden_size=[16])
    init_seed(config["seed"], config["reproducibility"])
    splits = data_preparation(config, create_dataset(config))
    trainer = new_trainer(config, splits[0])
    trainer.fit(splits[0], valid_data=None, verbose=False)
    recommender = Recommender.load(trainer.saved_model_file)
    assert recommender.sequential == sequential
    histories = taken()
    table = recommender.for_users(["u1", "u2"], 3)
    assert table["user"].tolist() == ["u1"] * 3 + ["u2"] * 3
    assert not [row for row in table.itertuples() if row.item in histories[row.user]]
    before = Trained(config, trainer.model, splits, Path(trainer.saved_model_file))
    if model not in ("NeuMF", "SASRecCPR"):  # which score pairs, or read more than their scores need
        expected = pd.concat([by_hand(before, user, histories[user], k=3) for user in ("u1", "u2")])
        assert np.allclose(table["score"], expected["score"], rtol=1e-5, atol=1e-6)  # of equal ones any may come first


@pytest.mark.parametrize("name", ["CURec gate", "CURec none"])
def test_backbones_that_rate_one_pair_at_a_time(trained: Callable[..., Trained], name: str) -> None:
    columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "title"]}
    before = trained(name, backbone="DIN", load_col=columns, mlp_hidden_size=[16, 16])
    recommender, histories = Recommender.load(before.checkpoint), taken()
    table = recommender.for_users(["u5"], 3)
    dataset = before.splits[0].dataset
    recent = torch.tensor(dataset.token2id("item_id", histories["u5"][-5:]))
    rated = {}
    for number in range(1, dataset.item_num):
        pair = {
            "user_id": torch.tensor([dataset.token2id("user_id", "u5")]),
            "item_id_list": torch.nn.functional.pad(recent, (0, 5 - len(recent))).unsqueeze(0),
            "item_length": torch.tensor([len(recent)]),
            "item_id": torch.tensor([number]),
        }
        with torch.no_grad():
            rated[number] = float(before.model.predict(dataset.join(Interaction(pair))))
    free = [item for item in sorted(rated, key=rated.__getitem__, reverse=True)
            if dataset.id2token("item_id", item) not in histories["u5"]]  # fmt: skip
    assert table["item"].tolist() == dataset.id2token("item_id", free[:3]).tolist()
    assert np.allclose(table["score"], [rated[item] for item in free[:3]], rtol=1e-5)


def test_users_without_interactions_are_left_out_of_everybody(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]
) -> None:
    toy.write("user", "user_id:token age:float", [*((f"u{k}", 30) for k in range(30)), ("nobody", 40)])
    columns = {"inter": ["user_id", "item_id", "timestamp"], "user": ["user_id", "age"]}
    recommender = Recommender.load(train(load, toy, "BPR", load_col=columns).checkpoint)
    assert "nobody" in recommender.user_tokens
    assert set(pd.concat(list(recommender.for_everybody(1)))["user"]) == set(taken())


def test_serving_needs_no_library_that_trains_the_language_model(shared_run: SharedRun) -> None:
    code = """
import sys
import recbole_curec
table = recbole_curec.recommend(sys.argv[1], ["u1"], 3)
print(len(table), sorted({"trl", "peft", "datasets"} & set(sys.modules)))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(recbole_curec.__file__).parents[1])}
    command = [sys.executable, "-W", "ignore", "-c", code, str(shared_run.result.checkpoint)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout.splitlines()[-1:] == ["3 []"], done.stderr


def _sentence(call: Callable[[], Any], kind: type[CURecError], *parts: str) -> None:
    with pytest.raises(kind) as error:
        call()
    text = str(error.value)
    for part in parts:
        assert part in text
    assert text.endswith(".")
    assert "\n" not in text


def test_what_is_unknown_is_named_with_the_nearest(trained: Callable[..., Trained]) -> None:
    recommender = Recommender.load(trained("CURec none").checkpoint)
    _sentence(lambda: recommender.for_users(["u1", "U22"], 3), DataError, "user 'U22' is not in the data (30 users)",
              "(nearest: 'u22')")  # fmt: skip
    _sentence(lambda: recommender.for_users(["[PAD]"], 3), DataError, "user '[PAD]' is not in the data")
    _sentence(lambda: recommender.for_history(["i1", "i99"], 3), DataError, "item 'i99' is not in the data (25 items)",
              "give original ids")  # fmt: skip
    _sentence(lambda: recommender.for_history([], 3), DataError, "history is empty")
    _sentence(lambda: recommender.for_users("u1", 3), ConfigurationError, "users: 'u1' is one id", "give ['u1']")
    _sentence(lambda: recommender.for_history("i1", 3), ConfigurationError, "history: 'i1' is one id")
    for call in (
        lambda: recommender.for_users(["u1"], 0),
        lambda: recommender.for_history(["i1"], 0),
        lambda: list(recommender.for_everybody(-1)),
    ):
        _sentence(call, ConfigurationError, "top_k: ", "must be at least 1")


@pytest.mark.parametrize("name", GENERAL)
def test_a_model_without_histories_has_nothing_for_a_new_user(trained: Callable[..., Trained], name: str) -> None:
    recommender = Recommender.load(trained(name).checkpoint)
    model = name.partition(" ")[0]
    _sentence(lambda: recommender.for_history(["i1"], 3), ConfigurationError, f"model: {model}", "model: CURec)")


def test_nor_has_a_sequential_model_that_keeps_a_vector_per_user(trained: Callable[..., Trained]) -> None:
    recommender = Recommender.load(trained("CURec gate", backbone="FPMC").checkpoint)
    said = ("model: CURec (backbone: FPMC) reads a vector per user", "such as SASRec")
    _sentence(lambda: recommender.for_history(["i1"], 3), ConfigurationError, *said)
    assert len(recommender.for_users(["u1"], 3)) == 3


def test_a_model_that_reads_more_than_a_history_says_which_column(trained: Callable[..., Trained]) -> None:
    recommender = Recommender.load(trained("CURec gate", backbone="tests.serving.own:ReadsTimes").checkpoint)
    _sentence(lambda: recommender.for_users(["u1"], 3), ConfigurationError, "reads the column 'timestamp_list'",
              "full_sort_topk")  # fmt: skip


@pytest.mark.parametrize("name", ["CURec gate", "CURecGeneral BPR", "SASRec", "BPR"])
def test_data_that_changed_or_are_gone_are_one_sentence(
    trained: Callable[..., Trained], toy: AtomicDataset, name: str
) -> None:
    before = trained(name)
    toy.interactions([*random_rows(), *((user, "new", 10**6) for user in ("u1", "u2", "u3"))])
    _sentence(lambda: Recommender.load(before.checkpoint), CheckpointError, "give data_path", str(before.checkpoint))
    shutil.rmtree(toy.root)
    _sentence(lambda: Recommender.load(before.checkpoint), DataError, "toy.inter does not exist", "set data_path")


@pytest.mark.parametrize("name", ["CURec gate", "CURecGeneral BPR", "SASRec", "BPR"])
def test_the_data_may_move(trained: Callable[..., Trained], toy: AtomicDataset, name: str) -> None:
    before = trained(name)
    expected = Recommender.load(before.checkpoint).for_users(["u1"], 3)
    moved = toy.root.rename(toy.root.with_name("moved"))
    recommender = Recommender.load(before.checkpoint, {"data_path": str(moved)})
    same(recommender.for_users(["u1"], 3), expected)
    assert recommender.config["data_path"] == str(moved / "toy")
