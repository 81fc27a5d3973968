from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed

from recbole_curec.benchmark import ranks as module
from recbole_curec.benchmark.ranks import check_against
from recbole_curec.errors import CURecError
from recbole_curec.evaluation.ranking_metrics import target_ranks, user_metrics
from tests.conftest import AtomicDataset


def test_ranks_count_what_scores_higher_and_follow_topk_among_equals() -> None:
    minus = -np.inf
    scores = torch.tensor([[minus, 0.9, 0.5, 0.7, 0.1], [minus, 0.2, 0.2, 0.2, 0.2]])
    row, item = torch.tensor([0, 0, 0, 0, 1, 1]), torch.tensor([1, 3, 2, 4, 1, 4])
    order = torch.topk(scores, 2).indices[1].tolist()
    found = target_ranks(scores, row, item, cutoff=2).tolist()
    assert found[:4] == [1, 2, 3, 4]
    for target, rank in zip((1, 4), found[4:], strict=True):
        assert rank == (order.index(target) + 1 if target in order else 3)  # outside the list, never inside


def test_user_metrics_by_hand() -> None:
    ranks = pd.DataFrame(
        {"user": ["b", "a", "c", "b", "b"], "item": ["1", "2", "3", "4", "5"], "rank": [1, 4, 11, 30, 3]}
    )
    table = user_metrics(ranks, 10)
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["recall@10"].tolist() == [1.0, pytest.approx(2 / 3), 0.0]
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert table["ndcg@10"].tolist() == pytest.approx([1 / np.log2(5), (1 + 1 / np.log2(4)) / ideal, 0.0])


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("SASRec", {}),
        ("CURec", {"topk": [3, 10]}),
        ("CURec", {"backbone": "GRU4Rec", "eval_batch_size": 7}),
        ("BPR", {}),
        ("CURecGeneral", {"topk": [10], "eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO"}}),
        ("Pop", {}),  # nearly all scores are tied
    ],
)
def test_means_over_users_are_the_metrics_recbole_reports(
    load: Callable[..., Any], toy: AtomicDataset, model: str, given: dict[str, Any]
) -> None:
    config = load(model, toy, **given)
    init_seed(config["seed"], config["reproducibility"])
    train, valid, test = data_preparation(config, create_dataset(config))
    net = get_model(config["model"])(config, train.dataset)
    trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, net)
    trainer.fit(train, valid, verbose=False)
    reported = dict(trainer.evaluate(test))
    ranks = module.test_ranks(trainer, test)
    means = user_metrics(ranks, 10).mean()
    assert reported["recall@10"] > 0
    for metric in ("recall@10", "ndcg@10"):
        assert round(float(means[metric]), 4) == reported[metric]
    check_against(reported, ranks, 10, 4)
    # Every test interaction once, under original ids.
    rows = test.dataset.inter_feat
    wanted = zip(*(test.dataset.id2token(field, rows[field]) for field in ("user_id", "item_id")), strict=True)
    assert sorted(zip(ranks["user"], ranks["item"], strict=True)) == sorted(wanted)
    assert "eval_batch_collect" not in vars(trainer.eval_collector)  # RecBole's own method is back
    assert dict(trainer.evaluate(test)) == reported


def test_figures_that_do_not_agree_are_an_error() -> None:
    ranks = pd.DataFrame({"user": ["a", "b"], "item": ["1", "1"], "rank": [1, 20]})
    check_against({"recall@10": 0.5, "mrr@10": 0.9}, ranks, 10, 4)
    with pytest.raises(CURecError, match=r"recall@10 is 0\.6 .* 0\.500000"):
        check_against({"recall@10": 0.6}, ranks, 10, 4)
