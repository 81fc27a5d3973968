import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.config import Config
from recbole.data.dataset import Dataset
from recbole.model.general_recommender.ncl import NCL
from recbole.trainer import trainer
from recbole.utils import get_tensorboard
from scipy import sparse

import recbole_curec
from recbole_curec.plugin import checkpoints
from recbole_curec.plugin import shims as compat


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("None", None),
        ("null", None),
        ("~", None),
        ("1e-3", 1e-3),
        ("[1, 2]", [1, 2]),
        ("{'RS': [8, 1, 1]}", {"RS": [8, 1, 1]}),
        ("[0,inf)", "[0,inf)"),
        ("adam", "adam"),
        ("2*3", "2*3"),
        ("", ""),
    ],
)
def test_text_becomes_a_value(text, value):
    assert compat.parse_text(text) == value
    assert type(compat.parse_text(text)) is type(value)


def test_text_is_never_executed(tmp_path):
    victim = tmp_path / "touched"
    attack = f"__import__('pathlib').Path({str(victim)!r}).touch()"
    assert Config._convert_config_dict(None, {"x": attack}) == {"x": attack}
    assert not victim.exists()


def test_the_fusion_named_none_stays_a_word():
    assert Config._convert_config_dict(None, {"fusion": "none", "transform": "none"}) == {
        "fusion": "none",
        "transform": None,
    }


def test_checkpoint_round_trip(tmp_path):
    matrix = sparse.csr_matrix(np.array([[0, 2.0], [0, 0]]))
    state = {
        "score": np.float64(0.25),
        "state_dict": {"w": torch.arange(3.0)},
        "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"betas": (0.9, 0.999)}]},
        "other_parameter": {"w": matrix, "array": np.arange(4), "nothing": None, "module": torch.nn.Linear(1, 1)},
        "config": SimpleNamespace(final_config_dict={"model": "BPR", "device": torch.device("cpu")}),
    }
    checkpoints.save_plain(state, tmp_path / "c.pth", pickle_protocol=4)
    loaded = checkpoints.load_plain(tmp_path / "c.pth", map_location="cpu")
    assert loaded["score"] == 0.25
    assert loaded["config"] == {"model": "BPR", "device": "cpu"}
    assert loaded["optimizer"]["param_groups"][0]["betas"] == (0.9, 0.999)
    assert torch.equal(loaded["state_dict"]["w"], torch.arange(3.0))
    other = loaded["other_parameter"]
    assert set(other) == {"w", "array", "nothing"}
    assert other["w"].format == "csr"
    assert np.array_equal(other["w"].toarray(), matrix.toarray())
    assert np.array_equal(other["array"], np.arange(4))
    assert checkpoints.read_settings(tmp_path / "c.pth")["model"] == "BPR"


def test_a_pickled_object_is_refused(tmp_path):
    torch.save({"config": SimpleNamespace()}, tmp_path / "evil.pth")
    with pytest.raises(Exception, match="Weights only load failed"):
        trainer.torch.load(tmp_path / "evil.pth")


def test_checkpoint_names_differ_within_a_second():
    names = {trainer.get_local_time() for _ in range(20)}
    assert len(names) == 20
    assert all(f"-{os.getpid()}-" in name for name in names)


def test_duplicate_removal_keeps_the_earlier_row_of_a_tie():
    feat = pd.DataFrame(
        {"user_id": ["a"] * 40, "item_id": ["x", "y"] * 20, "timestamp": [5.0] * 40, "row": range(40)},
    )
    feat.loc[39, "timestamp"] = 1.0
    dataset = SimpleNamespace(
        config={"rm_dup_inter": "first"},
        time_field="timestamp",
        uid_field="user_id",
        iid_field="item_id",
        inter_feat=feat,
        logger=SimpleNamespace(info=lambda _text: None),
        _check_field=lambda *_fields: None,
    )
    Dataset._remove_duplication(dataset)
    assert dataset.inter_feat["row"].tolist() == [39, 0]
    assert dataset.inter_feat["timestamp"].tolist() == [1.0, 5.0]


def test_tensorboard_folder(tmp_path):
    compat.set_tensorboard_dir(tmp_path / "events")
    try:
        get_tensorboard(SimpleNamespace(handlers=[])).close()
    finally:
        compat.set_tensorboard_dir(None)
    assert len(list((tmp_path / "events").iterdir())) == 1
    assert not (tmp_path / "log_tensorboard").exists()


def test_removed_numpy_and_scipy_names_are_back():
    assert np.float_ is np.float64  # noqa: NPY201 - what RecBole reads
    matrix = sparse.dok_matrix((2, 2))
    matrix._update({(0, 1): 3.0})
    assert matrix[0, 1] == 3.0


def test_import_has_no_side_effects():
    code = (
        "import sys, logging, socket\n"
        "sys.argv = None\n"
        "def no(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = no\n"
        "import recbole_curec\n"
        "from recbole_curec import compat\n"
        "compat.install()\n"
        "import torch\n"
        "assert 'ray' not in sys.modules and 'recbole.quick_start' not in sys.modules\n"
        "assert logging.getLogger().handlers == [] and logging.getLogger().level == logging.WARNING\n"
        "assert not torch.is_anomaly_enabled()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(recbole_curec.__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, env=environment)


@pytest.mark.skipif(importlib.util.find_spec("faiss") is not None, reason="faiss is installed, and RecBole uses it")
def test_ncl_clusters_without_faiss():
    points = np.repeat(np.diag([1, 2, 0])[:2], [5, 4], axis=0).astype(np.float32)
    model = SimpleNamespace(k=2, device=torch.device("cpu"))
    centroids, cluster = NCL.run_kmeans(model, points)
    assert torch.allclose(centroids[cluster], torch.nn.functional.normalize(torch.from_numpy(points), dim=1), atol=1e-5)
    assert len(set(cluster[:5].tolist())) == len(set(cluster[5:].tolist())) == 1
    model.k = 1000  # RecBole's default, more than there are points
    centroids, cluster = NCL.run_kmeans(model, np.random.default_rng(0).random((9, 3), dtype=np.float32))
    assert centroids.shape == (9, 3)
    assert sorted(cluster.tolist()) == list(range(9))
