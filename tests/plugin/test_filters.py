"""Filters of RecBole's datasets, as every model gets them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from recbole.data.dataset import Dataset

from recbole_curec.errors import CURecError, DataError
from recbole_curec.plugin.filters import ids_outside, interaction_counts, value_filter
from tests.atomic_dataset import AtomicDataset

Load = Callable[..., Any]
RATED = {"load_col": {"inter": ["user_id", "item_id", "rating", "timestamp"]}}


@pytest.fixture
def rated(atomic: AtomicDataset) -> AtomicDataset:
    """Ten users with six items each; item k is rated k, and nobody takes i9."""
    rows = [(f"u{user}", f"i{item}", item, 60 * item + user) for user in range(10) for item in range(6)]
    atomic.write("inter", "user_id:token item_id:token rating:float timestamp:float", rows)
    atomic.write("item", "item_id:token kind:token", [(f"i{item}", ["even", "odd"][item % 2]) for item in range(10)])
    return atomic


def test_ids_without_an_interaction_are_held_against_every_interval() -> None:
    counts, feat = Counter({"a": 1, "b": 3, "c": 12}), pd.DataFrame({"x": ["a", "b", "none"]})
    assert ids_outside(None, "x", feat, counts, None) == set()
    assert ids_outside(None, "x", feat, counts, interaction_counts(None, "(0,inf)")) == {"none"}
    assert ids_outside(None, "x", feat, counts, interaction_counts(None, "[10,20];[3,3]")) == {"a", "none"}
    assert ids_outside(None, "x", None, counts, interaction_counts(None, "[0,2]")) == {"b", "c"}
    assert interaction_counts(None, None) is None


def test_what_a_value_filter_keeps() -> None:
    numbers = pd.Series([1.0, 2.0, float("nan"), 4.0])
    assert value_filter("rating", "float", "[2,inf)")(numbers).tolist() == [False, True, False, True]
    texts = pd.Series(["1995", "Drama", None])
    assert value_filter("genre", "token", [1995])(texts).tolist() == [True, False, False]
    with pytest.raises(CURecError, match="column of type float_seq cannot be filtered"):
        value_filter("vector", "float_seq", "[1,2]")


def test_values_that_no_row_has_are_named(load: Load, rated: AtomicDataset, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        dataset = Dataset(load("BPR", rated, **RATED, val_interval={"item_id": ["i1", "i2", "i77"]}))
    assert len(dataset.inter_feat) == 20
    assert "val_interval of 'item_id': no row has the value 'i77'" in caplog.text
    assert "40 of 60 interactions were removed by val_interval" in caplog.text


def test_every_dropped_interaction_is_counted(
    load: Load, rated: AtomicDataset, caplog: pytest.LogCaptureFixture
) -> None:
    rated.write("item", "item_id:token kind:token", [(f"i{item}", "x") for item in range(4)])
    columns = {"load_col": {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "kind"]}}
    with caplog.at_level(logging.INFO):
        dataset = Dataset(load("BPR", rated, **columns, user_inter_num_interval="[4,inf)"))
    assert len(dataset.inter_feat) == 40
    assert "20 of 60 interactions were removed by filter_inter_by_user_or_item: True, for want of a row" in caplog.text
    assert "user_inter_num_interval" not in caplog.text
    with pytest.raises(
        DataError, match=r"All 40 interactions were removed by user_inter_num_interval: \[5,inf\): allow"
    ):
        Dataset(load("BPR", rated, **columns, user_inter_num_interval="[5,inf)"))


def test_an_item_filter_drops_the_interactions_with_the_others(load: Load, rated: AtomicDataset) -> None:
    dataset = Dataset(load("BPR", rated, val_interval={"kind": ["even"]}, load_col={
        "inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "kind"]}))  # fmt: skip
    assert len(dataset.inter_feat) == 30


def test_labels_are_those_of_the_threshold(load: Load, rated: AtomicDataset, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        dataset = Dataset(load("BPR", rated, **RATED, threshold={"rating": 4}))
    assert dataset.inter_feat["label"].tolist() == [float(item >= 4) for _ in range(10) for item in range(6)]
    assert (
        "threshold: rating: 4 labels 40 of 60 interactions 0, but BPR learns from and is tested on them like the "
        "others" in caplog.text
    )


def test_a_model_that_reads_labels_gets_no_warning(
    load: Load, rated: AtomicDataset, caplog: pytest.LogCaptureFixture
) -> None:
    evaluation = {"eval_args": {"split": {"RS": [0.8, 0.1, 0.1]}, "order": "RO", "mode": "labeled", "group_by": None}}
    metrics = {"metrics": ["AUC"], "valid_metric": "AUC"}
    config = load("FM", rated, **RATED, **evaluation, **metrics, threshold={"rating": 4}, train_neg_sample_args=None)
    with caplog.at_level(logging.WARNING):
        Dataset(config)
    assert "threshold" not in caplog.text
    sampled = {"distribution": "uniform", "sample_num": 1}
    with caplog.at_level(logging.WARNING):
        Dataset(
            load("FM", rated, **RATED, **evaluation, **metrics, threshold={"rating": 4}, train_neg_sample_args=sampled)
        )
    assert "but FM learns from them like the others" in caplog.text
