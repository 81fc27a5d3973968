"""No file of a dataset or checkpoint folder, and no setting, runs code."""

from __future__ import annotations

import logging
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data import utils as data_utils
from recbole.data.dataset import Dataset
from recbole.trainer.hyper_tuning import HyperTuning

from recbole_curec.errors import CheckpointError, ConfigurationError, DataError
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data
from tests.atomic_dataset import AtomicDataset


class Touch:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> Any:
        return (open, ("touched", "w"))


def _pickled(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(Touch()))
    return path


@pytest.mark.parametrize("model", ["BPR", "SASRec", "CKE", "CURec", "CURecGeneral"])
def test_saved_datasets_and_loaders_are_never_read(
    model: str, toy: AtomicDataset, load: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    given = {"load_col": None} if model == "CKE" else {}
    if model == "CKE":
        toy.write("kg", "head_id:token relation_id:token tail_id:token", [("e1", "r1", "e2"), ("e2", "r1", "e3")])
        toy.write("link", "item_id:token entity_id:token", [("i1", "e1"), ("i2", "e2"), ("i3", "e3")])
    for kind in ("Dataset", "SequentialDataset", "KnowledgeBasedDataset", "CURecDataset", "CURecGeneralDataset"):
        _pickled(tmp_path / "saved" / f"toy-{kind}.pth")
    _pickled(tmp_path / "saved" / f"toy-for-{model}-dataloader.pth")
    config = load(model, toy, **given)
    dataset = create_dataset(config)
    train, *_ = data_preparation(config, dataset)
    assert len(train) > 0
    assert not Path("touched").exists()
    said = [record.getMessage() for record in caplog.records if "is not read" in record.getMessage()]
    assert len(said) == 2
    assert "dataloader.pth" in said[1]


def test_a_function_imported_before_the_patch_reads_none_either(
    toy: AtomicDataset, load: Callable[..., Any], tmp_path: Path
) -> None:
    assert create_dataset is data_utils.create_dataset
    assert create_dataset.__module__ == "recbole.data.utils", "RecBole's own function, whatever name it is called by"
    _pickled(tmp_path / "saved" / "toy-Dataset.pth")
    assert type(create_dataset(load("BPR", toy))) is Dataset


@pytest.mark.parametrize("key", ["save_dataset", "save_dataloaders", "dataset_save_path", "dataloaders_save_path"])
@pytest.mark.parametrize("model", ["BPR", "SASRec", "CURec"])
def test_settings_of_saved_datasets_are_refused(
    key: str, model: str, toy: AtomicDataset, load: Callable[..., Any], settings_for: Callable[..., dict[str, Any]]
) -> None:
    value = "data.pth" if key.endswith("path") else True
    with pytest.raises(ConfigurationError, match=f"{key}: {value} cannot be used: .*remove {key}"):
        load(model, toy, **{key: value})
    with pytest.raises(ConfigurationError, match=f"remove {key}"):
        Config(model=model, dataset=toy.name, config_dict={**settings_for(toy), key: value})
    load(model, toy, **{key: None if key.endswith("path") else False})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (np.array([Touch()], dtype=object), "cannot be read as an array of numbers"),
        (np.array(["a"]), "holds no array of numbers"),
        (None, "does not exist"),
    ],
)
def test_item_vectors_of_ldiffrec_are_numbers(
    content: Any, said: str, toy: AtomicDataset, load: Callable[..., Any]
) -> None:
    config = load("LDiffRec", toy, n_cate=2)
    training = split_data(config)[0]
    path = toy.root / "toy" / "item_emb.npy"
    if content is not None:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(DataError, match=f"{said}.*numpy.save") as error:
        new_trainer(config, training)
    assert str(path) in str(error.value)
    assert not Path("touched").exists()


def test_item_vectors_of_ldiffrec_are_read(
    toy: AtomicDataset, load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SimpleNamespace(kmeans=lambda X, num_clusters, **_more: (torch.arange(len(X)) % num_clusters, None))  # noqa: N803
    monkeypatch.setitem(sys.modules, "kmeans_pytorch", found)  # RecBole does not install it
    config = load("LDiffRec", toy, n_cate=2)
    training = split_data(config)[0]
    vectors = np.random.default_rng(0).normal(size=(training.dataset.item_num - 1, 8)).astype(np.float32)
    np.save(toy.root / "toy" / "item_emb.npy", vectors)
    assert new_trainer(config, training).model.autoencoder.n_cate == 2


# KD_DAGFM asks for labels by default; these datasets have none.
UNLABELLED: dict[str, Any] = {
    "eval_args": {"mode": "full", "split": {"LS": "valid_and_test"}, "order": "TO"},
    "metrics": ["Recall"],
    "valid_metric": "Recall@10",
}


def test_the_teacher_of_kd_dagfm_is_a_name(toy: AtomicDataset, load: Callable[..., Any]) -> None:
    for name in ("CrossNet", "CIN"):
        config = load("KD_DAGFM", toy, teacher=name, **UNLABELLED)
        model = new_trainer(config, split_data(config)[0]).model
        assert type(model.teacher_network).__name__ == name
    code = "open('touched','w') and CrossNet"
    config = load("KD_DAGFM", toy, teacher=code, **UNLABELLED)
    with pytest.raises(ConfigurationError, match="is no network of KD_DAGFM: give one of CrossNet, CIN"):
        new_trainer(config, split_data(config)[0])
    assert not Path("touched").exists()


PRETRAINED = {
    "ConvNCF": {"train_method": "after_pretrain", "pre_model_path": "{}"},
    "NAIS": {"pretrain_path": "{}"},
    "RaCT": {"train_stage": "finetune", "pre_model_path": "{}"},
    "NeuMF": {"use_pretrain": True, "mf_pretrain_path": "{}", "mlp_pretrain_path": "{}"},
    "KD_DAGFM": {"phase": "distillation", "warm_up": "{}", **UNLABELLED},
    "S3Rec": {"train_stage": "finetune", "pre_model_path": "{}"},
}


@pytest.mark.parametrize("model", PRETRAINED)
def test_a_checkpoint_to_start_from_is_plain_data(
    model: str, toy: AtomicDataset, load: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    path = tmp_path / "first.pth"
    more: dict[str, Any] = {"load_col": {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "title"]}}
    given = {key: str(path) if value == "{}" else value for key, value in PRETRAINED[model].items()}
    config = load(model, toy, **given, **(more | {"item_attribute": "title"} if model == "S3Rec" else {}))
    training = split_data(config)[0]
    for write, said in [
        (lambda: None, "There is no checkpoint at"),
        (lambda: torch.save({"state_dict": Touch()}, path), "cannot be read as a checkpoint"),
        (lambda: _pickled(path), "cannot be read as a checkpoint"),
    ]:
        write()
        with pytest.raises(CheckpointError, match=said):
            new_trainer(config, training)
    assert not Path("touched").exists()


def test_s3rec_goes_on_from_its_own_first_stage(toy: AtomicDataset, load: Callable[..., Any], tmp_path: Path) -> None:
    columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "title"]}
    given = {"load_col": columns, "item_attribute": "title", "pretrain_epochs": 1, "save_step": 1}
    config = load("S3Rec", toy, train_stage="pretrain", **given)
    training, valid, _ = split_data(config)
    new_trainer(config, training).fit(training, valid, show_progress=False)
    (first,) = (tmp_path / "saved").glob("S3Rec-toy-1.pth")
    weights = load_plain(first)["state_dict"]
    second = load("S3Rec", toy, train_stage="finetune", pre_model_path=str(first), **given)
    model = new_trainer(second, training).model
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


def test_a_parameter_file_is_not_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hyperopt = SimpleNamespace(hp=SimpleNamespace(choice=lambda _name, values: values))
    monkeypatch.setitem(sys.modules, "hyperopt", hyperopt)  # RecBole does not install it
    path = tmp_path / "hyper.test"
    path.write_text("learning_rate choice [0.01,0.001]\nlayers choice ['[64,32]','[8]']\n")
    space = HyperTuning._build_space_from_file(str(path))
    assert space == {"learning_rate": [0.01, 0.001], "layers": ["[64,32]", "[8]"]}
    path.write_text("learning_rate choice [open('touched','w')]\n")
    with pytest.raises(ConfigurationError, match="give a list such as"):
        HyperTuning._build_space_from_file(str(path))
    assert not Path("touched").exists()
