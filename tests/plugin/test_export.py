"""Exported vectors, read by RecBole's own datasets and models, which know nothing of CURec."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.model.general_recommender import BPR
from recbole.model.sequential_recommender import SASRec
from recbole.trainer import Trainer
from recbole.utils import init_seed

from recbole_curec.cli import main as cli
from recbole_curec.data.atomic_file import read_atomic_file
from recbole_curec.features.store import FeatureStore
from recbole_curec.plugin import export
from recbole_curec.plugin.config import load_config
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, topic_rows, write_topics
from tests.tiny_llm import save_llm

Export = Callable[..., tuple[int, str, str]]


@pytest.fixture
def topics(atomic: AtomicDataset) -> AtomicDataset:
    """Sixteen items with interactions, three more in the item file alone, and one that the filters remove."""
    rows = [*topic_rows(), ("u0", "rare", 5000, "x")]
    write_topics(atomic, rows)
    path = atomic.root / atomic.name / f"{atomic.name}.item"
    more = "".join(f"phantom{k}\tNobody's Story {k}\tCrime\n" for k in range(3))
    path.write_text(path.read_text() + more + "rare\tRare Story\tCrime\n")
    return atomic


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stages of one dataset are made once for all tests."""
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture
def run(topics: AtomicDataset, artifacts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Export:
    """``curec export``: exit code, stdout, stderr."""

    def call(**given: Any) -> tuple[int, str, str]:
        places = {"data_path": topics.root, "checkpoint_dir": tmp_path / "saved", "artifact_dir": artifacts}
        fixed = {"dataset": topics.name, **places, **FAST}
        folder = {"export_dir": topics.root / topics.name, "item_inter_num_interval": "[2,inf)"}
        arguments = [f"--{key}={value}" for key, value in {**fixed, **folder, **given}.items() if value is not None]
        code = cli.console(["export", *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def _plain(model: str, topics: AtomicDataset, tmp_path: Path, *config_files: Path) -> Any:
    """RecBole's own config: none of our models, none of our checks."""
    given = {
        "data_path": str(topics.root), "checkpoint_dir": str(tmp_path / "saved"), "show_progress": False, "epochs": 2,
        "item_inter_num_interval": "[2,inf)", "state": "ERROR", "train_batch_size": 64, "hidden_size": 16,
        "inner_size": 16, "embedding_size": 8, "MAX_ITEM_LIST_LENGTH": 5,
        "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
    }  # fmt: skip
    if config_files:
        del given["load_col"]
    if model == "SASRec":
        given["train_neg_sample_args"] = None
    return Config(model=model, dataset=topics.name, config_file_list=list(map(str, config_files)), config_dict=given)


@pytest.mark.parametrize("model", ["BPR", "SASRec"])
def test_an_unmodified_model_finds_the_vectors_of_the_feature_store(
    topics: AtomicDataset, run: Export, artifacts: Path, tmp_path: Path, model: str
) -> None:
    code, printed, error = run()
    assert code == 0, error
    assert "16 item vectors (4 phantom items pruned) and 12 user vectors of 8 dimensions" in printed
    settings = topics.root / topics.name / f"{topics.name}.yaml"
    without = create_dataset(_plain(model, topics, tmp_path))
    config = _plain(model, topics, tmp_path, settings)
    dataset = create_dataset(config)
    assert type(dataset).__module__.startswith("recbole.data.dataset")

    # No phantom: the vocabulary is that of the interactions, in the same order.
    assert dataset.item_num == without.item_num == 17
    assert dataset.field2id_token["item_id"].tolist() == without.field2id_token["item_id"].tolist()
    assert dataset.field2id_token["user_id"].tolist() == without.field2id_token["user_id"].tolist()

    (name,) = re.findall(r"^# Written by recbole-curec .* from (encode-\w+)\.$", settings.read_text(), re.MULTILINE)
    store = FeatureStore.load(artifacts / topics.name / name)
    features = store.for_ids(dataset.field2id_token["item_id"], dataset.field2id_token["user_id"])
    for field, expected in (("iid", features.item), ("uid", features.user)):
        weight = dataset.get_preload_weight(field)
        assert np.array_equal(weight.astype(np.float32), expected.numpy())  # to the last bit
        assert not weight[0].any()
        assert np.abs(weight[1:]).sum(axis=1).min() > 0
    assert len(store.item_tokens) == 20  # the phantoms have vectors, too: three without interactions, one filtered out

    init_seed(config["seed"], config["reproducibility"])
    train, valid, test = data_preparation(config, dataset)
    net = {"BPR": BPR, "SASRec": SASRec}[model](config, train.dataset)
    table = net.item_embedding
    projection = torch.nn.Linear(8, table.embedding_dim, bias=False)
    with torch.no_grad():
        table.weight.copy_(projection(torch.from_numpy(train.dataset.get_preload_weight("iid")).float()))
    trainer = Trainer(config, net)
    trainer.fit(train, valid, verbose=False)
    assert 0 <= trainer.evaluate(test)["recall@10"] <= 1
    assert net.n_items == 17


def test_the_yaml_holds_the_lines_that_load_the_files(topics: AtomicDataset, run: Export, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    code, printed, _ = run(export_dir=folder)
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["toy.itememb", "toy.useremb", "toy.yaml"]
    assert f"RecBole looks for toy.itememb and toy.useremb in {topics.root / 'toy'}" in printed
    assert yaml.safe_load((folder / "toy.yaml").read_text()) == {
        "load_col": {
            "inter": ["user_id", "item_id", "timestamp"],
            "itememb": ["iid", "item_emb"],
            "useremb": ["uid", "user_emb"],
        },
        "additional_feat_suffix": ["itememb", "useremb"],
        "alias_of_item_id": ["iid"],
        "alias_of_user_id": ["uid"],
        "preload_weight": {"iid": "item_emb", "uid": "user_emb"},
    }
    head, *rows = (folder / "toy.itememb").read_text().splitlines()
    assert head == "iid:token\titem_emb:float_seq"
    assert {row.split("\t")[0] for row in rows} == {f"i{k}" for k in range(16)}
    assert all(len(row.split("\t")[1].split(" ")) == 8 for row in rows)
    assert (folder / "toy.useremb").read_text().startswith("uid:token\tuser_emb:float_seq\n")


def test_vectors_stay_as_they_are_where_the_data_are_normalised(
    topics: AtomicDataset, run: Export, tmp_path: Path
) -> None:
    assert run(normalize_all=True)[0] == 0
    path = topics.root / topics.name / f"{topics.name}.yaml"
    content = yaml.safe_load(path.read_text())
    assert (content["normalize_all"], content["normalize_field"]) == (False, ["timestamp"])
    dataset = create_dataset(_plain("BPR", topics, tmp_path, path))
    assert dataset.get_preload_weight("iid").min() < 0
    times = dataset.inter_feat["timestamp"]
    assert (float(times.min()), float(times.max())) == (0.0, 1.0)


def test_the_yaml_says_that_item_text_holds_model_written_sentences(
    topics: AtomicDataset, run: Export, tmp_path: Path
) -> None:
    given = {"llm.name": save_llm(tmp_path / "llm"), "encode.reason_source": "none", "describe.max_tokens": 16}
    told = []
    for enabled in ("false", "true"):
        code, _, error = run(**given, **{"describe.enabled": enabled})
        assert code == 0, error
        lines = (topics.root / topics.name / f"{topics.name}.yaml").read_text().splitlines()
        told.append([line for line in lines if "language model" in line])
    assert told[0] == []
    (line,) = told[1]
    assert re.fullmatch(r"# Item text holds sentences written by a language model \(describe-\w+\)\.", line)


def test_without_pruning_the_phantoms_would_be_ranked(topics: AtomicDataset, run: Export, tmp_path: Path) -> None:
    assert run()[0] == 0
    place = topics.root / topics.name
    vectors = (place / "toy.itememb").read_text()
    row = vectors.splitlines()[1].split("\t")[1]
    (place / "toy.itememb").write_text(f"{vectors}phantom0\t{row}\n")
    assert create_dataset(_plain("BPR", topics, tmp_path, place / "toy.yaml")).item_num == 18


def test_existing_stages_are_reused_and_general_models_export_too(
    topics: AtomicDataset, run: Export, tmp_path: Path
) -> None:
    assert run()[0] == 0
    _, _, first = run(export_dir=tmp_path / "again", fusion="gate", fusion_alignment=0.1)
    assert first.count("reused") == 6
    code, printed, _ = run(model="CURecGeneral", export_dir=tmp_path / "general", reason_source="none")
    assert code == 0 and "16 item vectors" in printed


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"export_dir": None}, "--export_dir"),
        ({"export_dir": "taken"}, "'taken' cannot be a folder"),
        ({"model": "BPR"}, "model: BPR has no vectors"),
        ({"reason_sorce": "none"}, "reason_source"),
        ({"dataset": "nowhere"}, "nowhere"),
    ],
)
def test_errors_are_one_sentence_and_nothing_is_written(
    run: Export, given: dict[str, Any], text: str, tmp_path: Path
) -> None:
    Path("taken").write_text("a file")
    code, _, error = run(**{"export_dir": tmp_path / "out", **given})
    assert code == 2
    last = error.strip().splitlines()[-1]
    assert last.startswith("error: ") and text in last
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "saved").exists()


def test_a_column_of_the_same_name_is_refused(topics: AtomicDataset) -> None:
    rows = [(user, item, time, 1) for user, item, time, _ in topic_rows()]
    topics.write("inter", "user_id:token item_id:token timestamp:float iid:float", rows)
    columns = {"load_col": {"inter": ["user_id", "item_id", "timestamp", "iid"]}}
    given = {**FAST, "fusion": "none", "data_path": str(topics.root), **columns}
    config = load_config("CURec", topics.name, (), given)
    with pytest.raises(ValueError, match="Column 'iid' of dataset toy"):
        export.export_features(config, Path("out"))
    assert not Path("out").exists()


def test_a_separator_of_several_characters_and_hostile_ids(tmp_path: Path) -> None:
    ids = ["1", 'a "b"', "c::d", "e\nf", "NA"]
    table = pd.DataFrame({"item_id:token": ids, "vector:float_seq": ["1.0 2.0"] * 5})
    export._atomic(table, {"field_separator": "::", "encoding": None})(tmp_path / "x.vec")
    read = read_atomic_file(tmp_path / "x.vec", "::", "utf-8")
    assert read.texts("item_id").tolist() == ids
    assert read.texts("vector").tolist() == ["1.0 2.0"] * 5
