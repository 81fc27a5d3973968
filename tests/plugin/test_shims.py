"""What stands in for parts of RecBole 1.2.1."""

import importlib.util
import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.data.dataset import Dataset
from recbole.model.general_recommender.ncl import NCL
from recbole.trainer import trainer
from recbole.utils import get_tensorboard
from scipy import sparse

from recbole_curec.plugin import shims


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
    shims.set_tensorboard_dir(tmp_path / "events")
    try:
        get_tensorboard(SimpleNamespace(handlers=[])).close()
    finally:
        shims.set_tensorboard_dir(None)
    assert len(list((tmp_path / "events").iterdir())) == 1
    assert not (tmp_path / "log_tensorboard").exists()


def test_removed_numpy_and_scipy_names_are_back():
    assert np.float_ is np.float64  # noqa: NPY201 - what RecBole reads
    matrix = sparse.dok_matrix((2, 2))
    matrix._update({(0, 1): 3.0})
    assert matrix[0, 1] == 3.0


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


def test_tensorboard_on_a_full_disk_goes_on_without(tmp_path, monkeypatch, caplog, capfd):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    shims.set_tensorboard_dir(tmp_path)
    try:
        writer = get_tensorboard(SimpleNamespace(handlers=[]))
        monkeypatch.setattr(writer.file_writer.event_writer._general_file_writer, "write", full)
        for step in range(40):  # more than wait in its queue
            writer.add_scalar("loss", 0.5, step)
        writer.close()
    finally:
        shims.set_tensorboard_dir(None)
    assert caplog.messages == [
        "TensorBoard's events cannot be written any more (No space left on device) and are left out"
    ]
    assert "Traceback" not in capfd.readouterr().err
