"""What a score comes from, for models whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recbole_curec.errors import CheckpointError
from recbole_curec.features.store import FeatureStore
from recbole_curec.plugin.loading import LoadedRun, load_run
from recbole_curec.serving.recommender import Recommender
from recbole_curec.serving.sources import ScoreSources
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_features
from tests.trained import LATE, train

PAIRS = [("u1", "i3"), ("u1", "i4"), ("u2", "i3")]


def store_of(run: LoadedRun, text_share: float) -> FeatureStore:
    """The features of the fake pipeline, of which a share is said to come from text."""
    history = run.training.train_history()
    features = random_features(history.n_items, history.n_users)
    item, user = features.item[1:].numpy(), features.user[1:].numpy()
    return FeatureStore(
        item_tokens=history.item_tokens[1:].tolist(),
        item=item,
        user_tokens=history.user_tokens[1:].tolist(),
        user=user,
        item_text=np.float32(text_share) * item,
        user_text=np.float32(text_share) * user,
    )


@pytest.mark.parametrize("name", ["CURec gate", "CURecGeneral LightGCN", "CURecGeneral BPR"])
@pytest.mark.parametrize("late", [{}, LATE])
def test_parts_add_up_and_the_model_is_left_as_it_was(
    name: str, late: dict[str, Any], load: Any, toy: AtomicDataset, fake_pipeline: list[Any]
) -> None:
    run = load_run(train(load, toy, name, **late).checkpoint)
    recommender, sources = Recommender(run), ScoreSources(run, store_of(run, 0.5))
    assert sources.names == ["ids", "text", "reasons"]
    before = recommender.scores_of(PAIRS)
    weights = {key: value.clone() for key, value in run.model.state_dict().items()}
    whole, parts = sources.split(lambda: recommender.scores_of(PAIRS))
    assert torch.equal(whole, before)
    torch.testing.assert_close(sum(parts.values()), before)
    assert torch.equal(recommender.scores_of(PAIRS), before)
    assert all(torch.equal(value, weights[key]) for key, value in run.model.state_dict().items())


def test_without_ids_and_features_all_items_are_alike(load: Any, toy: AtomicDataset, fake_pipeline: list[Any]) -> None:
    run = load_run(train(load, toy, "CURec gate").checkpoint)
    _, parts = ScoreSources(run, store_of(run, 0.5)).split(lambda: Recommender(run).scores_of(PAIRS))
    assert parts["base"][0] == pytest.approx(float(parts["base"][1]), abs=1e-6)
    assert (parts["ids"].abs() > 1e-4).all()


def test_without_ids_and_features_every_tower_scores_nothing(
    load: Any, toy: AtomicDataset, fake_pipeline: list[Any]
) -> None:
    run = load_run(train(load, toy, "CURec gate", **LATE).checkpoint)
    _, parts = ScoreSources(run, store_of(run, 0.5)).split(lambda: Recommender(run).scores_of(PAIRS))
    assert torch.equal(parts["base"], torch.zeros(len(PAIRS)))
    run.model.weights.copy_(torch.tensor([1.0, 0.0]))  # the tower of ids alone: features give it nothing
    _, parts = ScoreSources(run, store_of(run, 0.5)).split(lambda: Recommender(run).scores_of(PAIRS))
    assert torch.equal(parts["ids"], Recommender(run).scores_of(PAIRS))
    assert torch.equal(parts["text"], torch.zeros(len(PAIRS)))


def test_what_comes_from_text_alone_is_called_text(load: Any, toy: AtomicDataset, fake_pipeline: list[Any]) -> None:
    run = load_run(train(load, toy, "CURec gate", fusion="frozen").checkpoint)
    assert ScoreSources(run, store_of(run, 1.0)).names == ["text"]
    halves = ScoreSources(run, store_of(run, 0.5))
    assert halves.names == ["text", "reasons"]
    assert ScoreSources(run, store_of(run, 0.5), "reviews").names == ["text", "reviews"]
    _, parts = halves.split(lambda: Recommender(run).scores_of(PAIRS))
    # Both halves are the same vectors, so neither gives more than the other.
    torch.testing.assert_close(parts["text"], parts["reasons"])


def test_other_features_are_refused(load: Any, toy: AtomicDataset, fake_pipeline: list[Any]) -> None:
    run = load_run(train(load, toy, "CURec gate").checkpoint)
    store = store_of(run, 0.5)
    store.item[0] += 1
    with pytest.raises(CheckpointError, match="train again"):
        ScoreSources(run, store)
