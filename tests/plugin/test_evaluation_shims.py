"""RecBole's evaluation: every metric has its value, ties are told, sampled candidates stay the same."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from recbole.config import Config
from recbole.evaluator import Evaluator, metrics_dict
from recbole.evaluator.collector import Collector

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.evaluation_shims import tied_lists
from recbole_curec.plugin.trained_model import split_data
from tests.conftest import AtomicDataset

NOTHING = -float("inf")
# Two users, items 1 to 4, with targets {2} and {2, 4}; the lists of two are [1, 2] and [2, 3].
SCORES = torch.tensor([[NOTHING, 0.9, 0.8, 0.1, 0.0], [NOTHING, 0.2, 0.9, 0.5, 0.4]])
ROW, ITEM = torch.tensor([0, 1, 1]), torch.tensor([2, 2, 4])
TRAINED = Counter({1: 5, 2: 3, 3: 1, 4: 1})
# By hand from the definitions; the number of items, 5, is RecBole's and counts its padding item.
RANKED = {
    "hit@2": 1.0, "recall@2": (1 + 1 / 2) / 2, "mrr@2": (1 / 2 + 1) / 2, "precision@2": 1 / 2, "map@2": 1 / 2,
    "ndcg@2": (1 / np.log2(3) + 1 / (1 + 1 / np.log2(3))) / 2, "gauc": (2 / 3 + 2 * 3 / 4) / 3,
    "itemcoverage@2": 3 / 5, "averagepopularity@2": ((5 + 3) / 2 + (3 + 1) / 2) / 2, "giniindex@2": 1 / 2,
    "shannonentropy@2": (np.log(4) / 2 + np.log(2) / 2) / 3, "tailpercentage@2": (0 + 1 / 2) / 2,
}  # fmt: skip
PREDICTED, LABELS = torch.tensor([0.9, 0.2, 0.6, 0.4]), torch.tensor([1.0, 0.0, 0.0, 1.0])
VALUED = {
    "auc": 3 / 4, "mae": 1.5 / 4, "rmse": np.sqrt(0.77 / 4), "logloss": -np.log(0.9 * 0.8 * 0.4 * 0.4) / 4,
}  # fmt: skip


def measuring(metrics: list[str]) -> tuple[Any, Collector]:
    """A config and a collector that has seen the training data."""
    Config.compatibility_settings(object())  # the names of numpy that RecBole's metrics use
    config: Any = defaultdict(lambda: None)
    config |= {
        "metrics": metrics, "topk": [2], "metric_decimal_place": 6, "eval_args": {"mode": {}}, "tail_ratio": 0.5,
        "device": torch.device("cpu"), "ITEM_ID_FIELD": "item_id", "LABEL_FIELD": "label", "model": "Trial",
        "learning_rate": 7,
    }  # fmt: skip
    collector = Collector(config)
    collector.data_collect(SimpleNamespace(dataset=SimpleNamespace(num=lambda _field: 5, item_counter=TRAINED)))
    return config, collector


def test_every_metric_of_recbole_is_here():
    assert {name.partition("@")[0] for name in (*RANKED, *VALUED)} == set(metrics_dict)


@pytest.mark.parametrize("expected", RANKED.items(), ids=lambda item: item[0])
def test_ranking_metrics(expected):
    name, value = expected
    config, collector = measuring([name.partition("@")[0]])
    for _ in range(2):  # each evaluation starts anew, and keeps what is known of the training data
        collector.eval_batch_collect(SCORES.clone(), {}, ROW, ITEM)
        assert Evaluator(config).evaluate(collector.get_data_struct()) == {name: pytest.approx(value, abs=1e-6)}


@pytest.mark.parametrize("expected", VALUED.items(), ids=lambda item: item[0])
def test_value_metrics(expected):
    name, value = expected
    config, collector = measuring([name])
    collector.eval_batch_collect(PREDICTED, {"label": LABELS}, None, None)
    assert Evaluator(config).evaluate(collector.get_data_struct()) == {name: pytest.approx(value, abs=1e-6)}


@pytest.mark.parametrize(
    ("scores", "targets", "tied"),
    [
        ([NOTHING, 4, 3, 2, 1], [1], 0),
        ([NOTHING, 4, 4, 2, 1], [1], 1),  # first or second
        ([NOTHING, 4, 3, 3, 1], [2], 1),  # within the list of two or outside
        ([NOTHING, 4, 3, 3, 1], [3], 1),
        ([NOTHING, 4, 3, 3, 1], [1], 0),  # others tie
        ([NOTHING, 4, 3, 1, 1], [3], 0),  # outside, whichever comes first
        ([NOTHING, 4, 4, 2, 1], [1, 2], 0),  # both are targets
        ([NOTHING, 4, 4, 4, 1], [1, 2], 1),
        ([NOTHING, 0, 0, 0, 0], [3], 1),
    ],
)
def test_ties_that_decide_a_metric(scores, targets, tied):
    table = torch.tensor([[NOTHING, 4, 3, 2, 1], scores])
    row, item = torch.tensor([0, *[1] * len(targets)]), torch.tensor([1, *targets])
    assert tied_lists(table, torch.topk(table, 2).values, row, item) == tied


def test_a_constant_model_is_told_at_every_evaluation(caplog):
    _, collector = measuring(["ndcg"])
    for _ in range(2):
        caplog.clear()
        collector.eval_batch_collect(torch.zeros(300, 5), {}, torch.arange(300), torch.full((300,), 3))
        collector.get_data_struct()
        assert "ties: in 300 of 300 ranked lists Trial gives the target the same score" in caplog.text
    caplog.clear()
    collector.eval_batch_collect(SCORES.clone(), {}, ROW, ITEM)
    collector.get_data_struct()
    assert caplog.text == ""


def test_a_few_ties_by_chance_are_not_told(caplog):
    _, collector = measuring(["ndcg"])
    scores = torch.arange(5.0).repeat(200, 1)
    scores[0, 3] = 4.0
    with caplog.at_level(logging.WARNING):
        collector.eval_batch_collect(scores, {}, torch.arange(200), torch.full((200,), 4))
        collector.get_data_struct()
    assert caplog.text == ""


def test_scores_that_are_no_numbers_are_an_error():
    _, collector = measuring(["ndcg"])
    with pytest.raises(ConfigurationError, match=r"Trial predicts scores .*nan.* lower learning_rate \(now 7\)"):
        collector.eval_batch_collect(torch.full((2, 5), torch.nan), {}, ROW, ITEM)


def candidates(loader: Any) -> dict[int, list[int]]:
    """The ranked items of every user, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for interaction, *_ in loader:
        for user, item in zip(interaction["user_id"].tolist(), interaction["item_id"].tolist(), strict=True):
            found[user].append(item)
    return dict(found)


@pytest.mark.parametrize(("ours", "plain"), [("CURec", "SASRec"), ("CURecGeneral", "BPR")])
@pytest.mark.parametrize("mode", ["uni7", "pop7"])
def test_lifted_and_baseline_rank_the_same_candidates(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any], ours: str, plain: str, mode: str
) -> None:
    given = {"eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "group_by": "user", "mode": mode}}
    lifted = split_data(load(ours, toy, **given, fusion="init"))
    baseline = split_data(load(ours, toy, **given))
    other = split_data(load(plain, toy, **given, eval_batch_size=16))
    first = [candidates(loader) for loader in lifted[1:]]
    assert [candidates(loader) for loader in lifted[1:]] == first, "a second evaluation"
    assert [candidates(loader) for loader in baseline[1:]] == first
    assert [candidates(loader) for loader in other[1:]] == first, "whatever the batch size"
    assert all(len(items) == 8 for items in first[0].values())
    assert first[0] != first[1]
    another = split_data(load(ours, toy, **given, seed=2021))
    assert candidates(another[1]) != first[0]


def test_training_draws_as_if_nothing_had_been_evaluated(load: Callable[..., Any], toy: AtomicDataset) -> None:
    _, valid, _ = split_data(load("BPR", toy, eval_args={"mode": "uni7"}))
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - what RecBole draws from
    candidates(valid)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
