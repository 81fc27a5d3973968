"""Checkpoints hold plain data, and nothing in them is run."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from recbole.trainer import trainer
from scipy import sparse

from recbole_curec.errors import CheckpointError
from recbole_curec.plugin import checkpoints


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


def test_a_pickled_object_is_refused(tmp_path):
    torch.save({"config": SimpleNamespace()}, tmp_path / "evil.pth")
    with pytest.raises(Exception, match="Weights only load failed"):
        trainer.torch.load(tmp_path / "evil.pth")


def test_a_changed_weight_is_noticed(tmp_path):
    path = tmp_path / "c.pth"
    checkpoints.save_plain({"state_dict": {"w": torch.full((64,), 1.5)}}, path)
    content = path.read_bytes()
    at = content.index(torch.full((64,), 1.5).numpy().tobytes()) + 7
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert torch.load(path, weights_only=True)["state_dict"]["w"][1] != 1.5, "torch reads it without a word"
    with pytest.raises(CheckpointError, match=r"cannot be read as a checkpoint .* was altered\): give a file that its"):
        checkpoints.load_plain(path)
