"""Histories left out of the lists of sequential models: which items, in which evaluation, with which figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.data import create_dataset

from recbole_curec.benchmark.ranks import test_ranks as ranks_of
from recbole_curec.errors import ConfigurationError, CURecError
from recbole_curec.evaluation.ranking_metrics import user_metrics
from recbole_curec.plugin.earlier_items import earlier_items
from recbole_curec.plugin.history_mask import observed
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data, train
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_rows

RATIOS = {"eval_args": {"split": {"RS": [0.6, 0.2, 0.2]}, "order": "TO", "group_by": "user"}}
# User a comes back to i0, which is the test item, and took i1 twice; user b has no repetition.
TWICE = [("a", "i1"), ("a", "i0"), ("a", "i1"), ("a", "i2"), ("a", "i3"), ("a", "i0")]
TWICE += [("b", f"i{k}") for k in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("model", ["CURec", "SASRec"])
@pytest.mark.parametrize("given", [{}, {"MAX_ITEM_LIST_LENGTH": 1}, RATIOS])
def test_every_row_knows_all_that_came_before_it(
    load: Callable[..., Any], toy: AtomicDataset, model: str, given: dict[str, Any]
) -> None:
    sequence: dict[str, list[str]] = {}
    for user, item, _ in sorted(random_rows(), key=lambda row: row[2]):
        sequence.setdefault(user, []).append(item)
    for split in create_dataset(load(model, toy, **given)).build():
        users, items = split.inter_feat["user_id"], split.inter_feat["item_id"]
        place, taken = (found.numpy() for found in earlier_items(split).index(np.arange(len(users)), items))
        for row, (user, item) in enumerate(zip(users.tolist(), split.id2token("item_id", items.numpy()), strict=True)):
            own = sequence[str(split.id2token("user_id", user))]
            assert split.id2token("item_id", taken[place == row]).tolist() == own[: own.index(item)]


@pytest.fixture
def twice(atomic: AtomicDataset) -> AtomicDataset:
    atomic.interactions([(user, item, 1000 * time) for time, (user, item) in enumerate(TWICE)])
    return atomic


@pytest.mark.parametrize("model", ["CURec", "SASRec"])
def test_scores_by_hand(load: Callable[..., Any], twice: AtomicDataset, model: str) -> None:
    config = load(model, twice, topk=[2], valid_metric="MRR@2", metrics=["Recall", "MRR"], MAX_ITEM_LIST_LENGTH=2)
    training, _, test = split_data(config)
    trainer = new_trainer(config, training)
    number = {item: int(test.dataset.token2id("item_id", item)) for item in ("i0", "i1", "i2", "i3", "i4")}
    by_item = dict(zip(("i3", "i1", "i2", "i0", "i4"), (0.9, 0.8, 0.7, 0.6, 0.5), strict=True))
    row = torch.zeros(6)
    row[[number[item] for item in by_item]] = torch.tensor(list(by_item.values()))
    trainer.model.full_sort_predict = lambda batch: row.repeat(len(batch), 1)
    ranks = ranks_of(trainer, test).set_index("user")
    # i3, i1, i2 stand before i0; all three are in both histories, so i0, which user a had taken before, comes first.
    assert ranks["item"].to_dict() == {"a": "i0", "b": "i0"}
    assert ranks["rank"].to_dict() == {"a": 4, "b": 4}
    assert ranks["rank_without_history"].to_dict() == {"a": 1, "b": 1}


@pytest.mark.parametrize("model", ["CURec", "SASRec"])
def test_one_pass_gives_the_figures_of_both_protocols(load: Callable[..., Any], toy: AtomicDataset, model: str) -> None:
    found: list[pd.DataFrame] = []
    one = train(load(model, toy), "one", inspect=lambda trainer, test: found.append(ranks_of(trainer, test)))
    assert one.test.keys() == one.test_without_history.keys()
    assert one.test_without_history["recall@10"] > one.test["recall@10"]  # no item is taken twice
    for metrics, column in ((one.test, "rank"), (one.test_without_history, "rank_without_history")):
        for metric, mean in user_metrics(found[0], 10, column).mean().items():
            assert round(float(mean), 4) == metrics[str(metric)]
    assert (found[0]["rank_without_history"] <= found[0]["rank"]).all()


def test_mask_history_picks_the_epoch_and_leaves_the_two_columns(load: Callable[..., Any], toy: AtomicDataset) -> None:
    tables = {}
    for masked in (False, True):
        config = load("CURec", toy, mask_history=masked, epochs=1)
        splits = split_data(config)
        one = train(config, "one", splits)
        tables[masked] = one
        trainer = new_trainer(config, splits[0])
        trainer.eval_collector.data_collect(splits[0])
        by_recbole = trainer.evaluate(splits[2], load_best_model=True, model_file=str(one.checkpoint))
        assert dict(by_recbole) == (one.test_without_history if masked else one.test)
    assert tables[True].test == tables[False].test
    assert tables[True].test_without_history == tables[False].test_without_history
    assert tables[True].valid["recall@10"] > tables[False].valid["recall@10"]


def test_general_models_have_one_protocol(load: Callable[..., Any], toy: AtomicDataset) -> None:
    found: list[pd.DataFrame] = []
    one = train(load("BPR", toy), "one", inspect=lambda trainer, test: found.append(ranks_of(trainer, test)))
    assert one.test_without_history == {}
    assert list(found[0]) == ["user", "item", "rank"]


def test_rows_in_another_order_are_refused(load: Callable[..., Any], toy: AtomicDataset) -> None:
    config = load("CURec", toy, eval_batch_size=7)
    training, _, test = split_data(config)
    trainer = new_trainer(config, training)
    collate = test.collate_fn
    test.collate_fn = lambda index: collate(np.array(index)[::-1])
    with pytest.raises(CURecError, match="not evaluated in their order"):
        observed(trainer, test, lambda *_: None)


@pytest.mark.parametrize("model", ["CURec", "SASRec"])
def test_sampled_candidates_have_no_history_to_leave_out(
    load: Callable[..., Any], toy: AtomicDataset, model: str
) -> None:
    sampled = {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": {"valid": "uni10", "test": "full"}}
    with pytest.raises(ConfigurationError, match=r"mask_history: true cannot be used with eval_args\.mode: uni10"):
        load(model, toy, mask_history=True, eval_args=sampled)
