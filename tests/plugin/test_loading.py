"""Checkpoints read back: the same settings, the same data, the same scores, and one sentence where that cannot be."""

import pickle
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from recbole.config import Config

from recbole_curec.errors import CheckpointError, CURecError, DataError
from recbole_curec.plugin import loading
from recbole_curec.plugin.checkpoints import IDS, load_plain, save_plain
from recbole_curec.plugin.loading import load_data_and_model, load_run
from tests.conftest import random_rows
from tests.trained import CHECKPOINTS, scores_of, train


@pytest.fixture
def trained(load, toy, fake_pipeline):
    return lambda name, **overrides: train(load, toy, name, **overrides)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_run_comes_back_as_it_was(trained, fake_pipeline, name):
    before = trained(name)
    asked = len(fake_pipeline)
    run = load_run(before.checkpoint)
    assert run.config.final_config_dict == before.config.final_config_dict
    assert len(fake_pipeline) == asked, "no stage runs"
    assert not run.model.training
    for mine, theirs in zip(run.splits, before.splits, strict=True):
        assert len(mine.dataset) == len(theirs.dataset)
        for field in ("user_id", "item_id"):
            assert torch.equal(mine.dataset.inter_feat[field], theirs.dataset.inter_feat[field])
    assert torch.equal(scores_of(run.model, run.splits[2]), scores_of(before.model, before.splits[2]))
    assert run.training is run.splits[0].dataset
    assert run.dataset.inter_num == sum(len(split.dataset) for split in run.splits)
    assert run.checkpoint == before.checkpoint


@pytest.mark.parametrize("name", ["CURec gate", "CURecGeneral LightGCN", "LightGCN"])
def test_recboles_own_names_give_the_same(trained, name):
    before = trained(name)
    config, model, dataset, training, valid, test = load_data_and_model(str(before.checkpoint))
    assert config["model"] == before.config["model"]
    assert torch.equal(scores_of(model, test), scores_of(before.model, before.splits[2]))
    assert dataset.inter_num == len(training.dataset) + len(valid.dataset) + len(test.dataset)


def test_settings_of_ones_own_come_back_too(toy, settings_for):
    given = {**settings_for(toy), "mine": 3, "table": {"a": 1}, "fusion": "sum of both"}
    config = Config(model="BPR", dataset="toy", config_dict=given)
    saved = {"config": config, "state_dict": {}}
    save_plain(saved, "own.pth")
    read = loading.config_of(loading.read_checkpoint(Path("own.pth")), Path("own.pth"))
    assert (read["mine"], read["table"], read["fusion"]) == (3, {"a": 1}, "sum of both")


def test_overrides_win(trained, toy, tmp_path):
    before = trained("CURec gate")
    shutil.move(toy.root, tmp_path / "moved")
    run = load_run(before.checkpoint, {"data_path": str(tmp_path / "moved"), "eval_batch_size": 7})
    assert run.config["eval_batch_size"] == 7
    assert run.config["data_path"] == str(tmp_path / "moved" / "toy")
    assert torch.equal(scores_of(run.model, before.splits[2]), scores_of(before.model, before.splits[2]))


@pytest.mark.parametrize("name", ["CURec gate", "LightGCN"])
def test_a_run_on_several_processes_is_read_in_one(trained, name):
    before = trained(name)
    saved = torch.load(before.checkpoint, weights_only=True)
    saved["config"] |= {"nproc": 2, "world_size": 2, "offset": 0, "ip": "localhost", "port": "5678", "local_rank": 1}
    saved["config"] |= {"single_spec": False, "device": "cuda:1"}
    torch.save(saved, before.checkpoint)
    run = load_run(before.checkpoint)
    assert run.config["single_spec"]
    assert torch.equal(scores_of(run.model, run.splits[2]), scores_of(before.model, before.splits[2]))


def test_vectors_that_are_kept_beside_the_weights_go_where_the_model_is():
    kept = {"backbone": {"users": torch.zeros(2), "none": None, "list": [torch.ones(1), 3]}, "curec": {"dim": 4}}
    moved = loading.on_device(kept, torch.device("meta"))
    assert moved["backbone"]["users"].device.type == moved["backbone"]["list"][0].device.type == "meta"
    assert (moved["backbone"]["none"], moved["backbone"]["list"][1], moved["curec"]) == (None, 3, {"dim": 4})


class Touch:
    """Writes a file when it is unpickled."""

    def __reduce__(self):
        return (open, ("touched", "w"))


def test_files_that_are_no_checkpoint(trained, tmp_path, monkeypatch):
    whole = trained("BPR").checkpoint
    cut, other, code, bare, nameless = (tmp_path / name for name in ("cut", "other", "code", "bare", "nameless"))
    listed, ids, empty = (tmp_path / name for name in ("listed", "ids", "empty"))
    cut.write_bytes(whole.read_bytes()[:-200])
    other.write_text("no checkpoint")
    code.write_bytes(pickle.dumps({"config": Touch(), "state_dict": {}}))
    torch.save({"state_dict": {}}, bare)
    torch.save({"config": {"epochs": 3}, "state_dict": {}}, nameless)
    saved = torch.load(whole, weights_only=True)
    torch.save({**saved, "state_dict": [1]}, listed)
    torch.save({**saved, "curec_ids": 3}, ids)
    weights = saved["state_dict"]
    torch.save({**saved, "state_dict": {name: value * float("nan") for name, value in weights.items()}}, empty)
    for path, said in [
        (listed, "holds no settings and weights"),
        (ids, "holds no settings and weights"),
        (empty, "holds nan in"),
        (tmp_path / "nowhere.pth", "There is no checkpoint at"),
        (tmp_path, "There is no checkpoint at"),
        (cut, "copy it again if it was cut off"),
        (other, "cannot be read as a checkpoint of this package"),
        (code, "cannot be read as a checkpoint of this package"),
        (bare, "holds no settings and weights"),
        (nameless, "names no model and dataset"),
    ]:
        with pytest.raises(CheckpointError) as error:
            load_run(path)
        assert said in str(error.value)
        assert str(path) in str(error.value)
        _one_sentence(error)
    assert not (tmp_path / "touched").exists(), "nothing in a file is run"


def test_a_file_that_recbole_pickled_is_refused(tmp_path):
    torch.save({"config": SimpleNamespace(), "state_dict": {}}, tmp_path / "theirs.pth")
    with pytest.raises(CheckpointError, match="cannot be read as a checkpoint of this package"):
        load_run(tmp_path / "theirs.pth")


@pytest.mark.parametrize("name", ["CURec gate", "CURec none", "CURecGeneral BPR", "SASRec", "BPR", "LightGCN"])
def test_data_that_are_gone_are_one_sentence(trained, toy, name):
    before = trained(name)
    shutil.rmtree(toy.root)
    with pytest.raises(DataError, match=r"toy\.inter does not exist: .*set data_path") as error:
        load_run(before.checkpoint)
    _one_sentence(error)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_more_items_or_users_than_then_are_one_sentence(trained, toy, name):
    before = trained(name)
    toy.interactions([*random_rows(), *((user, "new", 10**6) for user in ("u1", "u2", "fresh"))])
    with pytest.raises(CheckpointError, match="give data_path, the folder with the files it was trained on") as error:
        load_run(before.checkpoint)
    assert str(before.checkpoint) in str(error.value)
    _one_sentence(error)


@pytest.mark.parametrize("name", ["CURec gate", "CURec none", "CURecGeneral BPR"])
def test_other_interactions_of_the_same_items_are_one_sentence(trained, toy, name):
    before = trained(name)
    rows = random_rows()
    # Two items of one user swap places in time; ids keep the order in which the file names them first.
    times = {(user, item): time for user, item, time in rows}
    first, second = sorted((pair for pair in times if pair[0] == "u0"), key=times.get)[:2]
    times[first], times[second] = times[second], times[first]
    changed = [(user, item, times[user, item]) for user, item, _ in rows]
    if name == "CURecGeneral BPR":  # which knows no order, so one item becomes another one
        taken = {item for user, item, _ in rows if user == "u0"}
        free = next(f"i{k}" for k in range(25) if f"i{k}" not in taken)
        changed = [(user, free if (user, item) == first else item, time) for user, item, time in rows]
    toy.interactions(changed)
    with pytest.raises(CheckpointError, match="was trained on other") as error:
        load_run(before.checkpoint)
    _one_sentence(error)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_the_same_ids_in_another_order_are_one_sentence(trained, toy, name):
    before = trained(name)
    toy.interactions(random_rows()[::-1])
    with pytest.raises(CheckpointError, match=r"was trained on other (items|users) .*in another order") as error:
        load_run(before.checkpoint)
    _one_sentence(error)


def test_a_plain_checkpoint_that_says_nothing_of_its_ids_is_read(trained):
    before = trained("BPR")
    saved = torch.load(before.checkpoint, weights_only=True)
    assert set(saved.pop(IDS)) == {"user", "item"}
    torch.save(saved, before.checkpoint)
    run = load_run(before.checkpoint)
    assert torch.equal(scores_of(run.model, run.splits[2]), scores_of(before.model, before.splits[2]))


def test_a_checkpoint_holds_no_objects(trained):
    saved = load_plain(trained("CURecGeneral LightGCN").checkpoint)
    plain = (dict, list, tuple, str, int, float, bool, type(None), torch.Tensor)

    def walk(value):
        assert isinstance(value, plain), type(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
            walk(inner)

    walk(saved)


def _one_sentence(error):
    assert isinstance(error.value, CURecError)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
