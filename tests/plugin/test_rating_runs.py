"""Whole runs of the rating model through RecBole's trainer, evaluator and checkpoints."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from recbole_curec.errors import CheckpointError, ConfigurationError
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.experiment import run
from recbole_curec.plugin.loading import load_run
from recbole_curec.plugin.run_record import read_run_record
from recbole_curec.serving.recommender import Recommender
from tests.rated import RATED, rated_rows, stand_in, write_rated


@pytest.fixture
def asked(monkeypatch):
    """Replaces RecCoT's stages; holds the reviews they were asked for."""
    found: list[object] = []
    module = ModuleType("recbole_curec.plugin.review_features")
    module.review_vectors = stand_in(found)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return found


@pytest.fixture
def given(atomic, tmp_path):
    write_rated(atomic)
    return {**RATED, "data_path": str(atomic.root), "checkpoint_dir": str(tmp_path / "saved")}


def predictions(model, loader):
    dataset = loader.dataset
    batch = dataset[np.arange(len(dataset))]
    with torch.no_grad():
        return model.predict(batch), batch["rating"]


@pytest.mark.parametrize("use", ["reviews", "masked", "ids"])
def test_a_run_measures_ratings_and_its_checkpoint_predicts_the_same(given, asked, use):
    result = run("RecCoT", "toy", (), {**given, "reccot.use": use})
    names = {"reviews": ["RecCoT (reviews)", "RecCoT (ids)"], "masked": ["RecCoT (masked)", "RecCoT (ids)"]}
    assert [model.name for model in result.models] == names.get(use, ["RecCoT (ids)"])
    recorded = read_run_record(result.checkpoint)
    assert [(one.name, one.test) for one in recorded] == [(one.name, one.test) for one in result.models]
    assert [one.role for one in recorded] == ["full", "ids only"][-len(recorded) :]
    assert len(asked) == (use != "ids")
    trained = result.models[0]
    assert set(trained.test) == {"rmse", "mae"}
    loaded = load_run(trained.checkpoint)
    assert len(asked) == (use != "ids"), "no stage runs"
    predicted, ratings = predictions(loaded.model, loaded.splits[2])
    error = (predicted - ratings).numpy()
    assert trained.test["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)), abs=1e-4)
    assert trained.test["mae"] == pytest.approx(np.mean(np.abs(error)), abs=1e-4)
    assert np.sqrt(np.mean(error**2)) < ratings.std()
    if use == "reviews":
        assert loaded.model.vectors[1:].any()


def test_smaller_errors_pick_the_best_epoch(given, asked, monkeypatch):
    from recbole_curec.model.rating.reccot import RecCoT

    scores = iter([3.0, 1.0, 2.0, 1.0])  # three epochs, then the test

    def off_by(self, interaction):
        if interaction["rating"].shape[0] != 30:
            raise AssertionError("an evaluation has one row of every user")
        return interaction["rating"] + next(scores)

    monkeypatch.setattr(RecCoT, "predict", off_by)
    result = run("RecCoT", "toy", (), {**given, "reccot.use": "ids"})
    assert result.models[0].valid["rmse"] == 1.0
    saved = load_plain(result.checkpoint)
    assert (saved["epoch"], saved["best_valid_score"]) == (1, 1.0)


def test_a_random_split_and_the_compared_row_can_be_left_out(given, asked):
    split = {"split": {"RS": [0.7, 0.15, 0.15]}, "order": "RO", "group_by": None, "mode": "labeled"}
    result = run("RecCoT", "toy", (), {**given, "eval_args": split, "run.compare_baseline": False})
    assert [model.name for model in result.models] == ["RecCoT (reviews)"]
    (reviews,) = asked
    assert len(reviews) == len(load_run(result.checkpoint).training)


def test_the_same_seed_predicts_the_same(given, asked):
    first, second = (run("RecCoT", "toy", (), {**given, "run.compare_baseline": False}) for _ in range(2))
    assert first.models[0].test == second.models[0].test
    one, two = (load_plain(result.checkpoint)["state_dict"] for result in (first, second))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_checkpoint_of_other_data_is_refused(given, asked, atomic):
    checkpoint = run("RecCoT", "toy", (), {**given, "run.compare_baseline": False}).checkpoint
    write_rated(atomic, rated_rows(seed=1))
    with pytest.raises(CheckpointError, match="was trained on other"):
        load_run(checkpoint)


def test_it_makes_no_lists(given, asked):
    checkpoint = run("RecCoT", "toy", (), {**given, "reccot.use": "ids"}).checkpoint
    with pytest.raises(ConfigurationError, match="predicts ratings and ranks nothing"):
        Recommender.load(checkpoint)
