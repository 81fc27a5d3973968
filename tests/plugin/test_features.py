"""From a RecBole run to its features: what the stages are handed, and that the random streams are left alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from recbole.data import create_dataset

from recbole_curec.plugin import features
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.features import (
    artifact_root,
    data_source,
    planned_artifacts,
    semantic_features,
)
from recbole_curec.plugin.trained_model import split_data
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, SharedRun, write_topics


def _train(config: Any) -> Any:
    return create_dataset(config).build()[0]


def test_features_are_those_of_the_store_in_recboles_ids(shared_run: SharedRun) -> None:
    run = shared_run.result
    splits = split_data(run.config)
    found, dataset = splits[0].dataset.features, splits[0].dataset
    store = features.FeatureStore.load(run.artifacts["encode"])
    assert found.item.shape == (dataset.item_num, 8)
    assert not found.item[0].any()
    for internal, token in enumerate(dataset.field2id_token["item_id"].tolist()[1:], 1):
        assert np.array_equal(found.item[internal].numpy(), store.item[store.item_tokens.index(token)])


def test_the_plan_names_what_the_run_made(shared_run: SharedRun) -> None:
    run = shared_run.result
    planned = planned_artifacts(run.config, _train(run.config).train_history())
    assert {name: artifact.folder for name, artifact in planned.items()} == run.artifacts


def _seed(number: int) -> None:
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - RecBole draws from the legacy stream
    torch.manual_seed(number)


def _draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(1))  # noqa: NPY002 - as above


@pytest.mark.parametrize("fails", [False, True])
def test_the_random_streams_are_left_as_they_were(
    shared_run: SharedRun, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    config, run_stages = shared_run.result.config, features.run_stages

    def stages(*given: Any) -> Any:
        found = run_stages(*given)
        _seed(1)
        if fails:
            raise RuntimeError("no stage can run")
        return found

    history = _train(config).train_history()
    monkeypatch.setattr(features, "run_stages", stages)
    _seed(7)
    expected = _draws()
    _seed(7)
    if fails:
        with pytest.raises(RuntimeError, match="no stage can run"):
            semantic_features(config, history)
    else:
        semantic_features(config, history)
    assert _draws() == expected


def test_artifacts_lie_below_the_checkpoints_or_where_they_are_told_to(
    load: Callable[..., Any], toy: AtomicDataset, tmp_path: Path
) -> None:
    assert artifact_root(load("CURec", toy)) == tmp_path / "saved" / "curec" / "toy"
    assert artifact_root(load("CURec", toy, artifact_dir=str(tmp_path / "mine"))) == tmp_path / "mine" / "toy"
    assert artifact_root(load("CURec", toy, artifact_dir="~/mine")) == Path.home() / "mine" / "toy"


def test_the_source_is_the_training_split_and_the_item_file(atomic: AtomicDataset) -> None:
    write_topics(atomic)
    given = {**FAST, "data_path": str(atomic.root), "fusion": "none"}
    config = load_config("CURec", atomic.name, (), given)
    history = _train(config).train_history()
    source = data_source(config, history)
    assert source.history is history
    assert source.item_file == atomic.root / "toy" / "toy.item"
    assert (source.item_field, source.separator, source.seq_separator, source.encoding) == (
        "item_id", "\t", " ", "utf-8",
    )  # fmt: skip
    assert source.history.reviews is None

    config = load_config("CURec", atomic.name, (), {**given, "align.teacher": "reviews"})
    read = data_source(config, history).history
    assert len(read.reviews) == history.n_interactions
    assert all(text.startswith("review ") for text in read.reviews)
    config = load_config("CURec", atomic.name, (), {**given, "align.teacher": "reviews", "reviews.field": "nothing"})
    with pytest.raises(ValueError, match="nothing"):
        data_source(config, history)
