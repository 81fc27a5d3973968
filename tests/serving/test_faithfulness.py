"""Faithfulness: models whose scores are known to rest on some items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import recbole_curec as curec
from recbole_curec.data.evidence import Fact
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.loading import load_run
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.serving.faithfulness import measure_faithfulness, named_items
from recbole_curec.serving.left_out import LeftOut, left_out
from tests.atomic_dataset import AtomicDataset
from tests.explanations.explained_lists import record
from tests.pipeline_runs import SharedRun
from tests.trained import LATE, train

NAMES = {f"i{number}": f"Story {number}" for number in range(20)}


class Additive(LeftOut):
    """The score is the sum of the worths of the past items that are kept."""

    def __init__(self, worth: dict[str, float]) -> None:
        self.worth = worth

    def past(self, user: str) -> list[str]:
        return [f"i{number}" for number in range(10)]

    def scores(self, user: str, item: str, without: Sequence[Sequence[str]]) -> list[float]:
        return [sum(self.worth.get(one, 0.0) for one in self.past(user) if one not in items) for items in without]


def reason(user: str, *named: int, target: int = 15) -> ReasonRecord:
    names = " and ".join(f'"Story {number}"' for number in named)
    text = f'You may like "Story {target}" because fans of {names} take it.'
    found = record(user, f"i{target}", text)
    facts = tuple(Fact("similar", f"Story {number}", 3, 0.5) for number in named)
    return replace(found, evidence=replace(found.evidence, target=f"Story {target}", facts=facts, history=()))


def test_the_named_items_are_those_of_the_history_in_quotes() -> None:
    past = [f"i{number}" for number in range(10)]
    assert named_items(reason("u", 3, 5), past, [NAMES[item] for item in past]) == ["i3", "i5"]
    assert named_items(replace(reason("u", 3), text="Try it."), past, [NAMES[item] for item in past]) == []


def test_a_reason_that_names_what_moved_the_score_is_faithful() -> None:
    users = [f"u{number}" for number in range(8)]
    found = measure_faithfulness([reason(user, 1) for user in users], NAMES, Additive({"i1": 2.0, "i2": 0.1}), draws=3)
    assert (found.pairs, found.users, found.unnamed, found.short, found.larger) == (8, 8, 0, 0, 1.0)
    assert found.named is not None and found.control is not None
    assert found.named.fall == pytest.approx(2.0)
    assert 0 <= found.named.others < 0.1
    assert found.named.t_test < 0.001
    assert abs(found.control.difference) < 0.1


def test_a_reason_that_names_anything_is_not() -> None:
    worth = {f"i{number}": 1.0 for number in range(10)}
    found = measure_faithfulness([reason(f"u{number}", number) for number in range(8)], NAMES, Additive(worth))
    assert found.named is not None
    assert (found.named.fall, found.named.others, found.named.difference) == (1.0, 1.0, 0.0)
    assert (found.named.t_test, found.larger) == (1.0, 0.0)


def test_what_cannot_be_compared_is_counted() -> None:
    told = [replace(reason("u", 1), text="Try it."), reason("u", 1, 2, 3, 4)]
    found = measure_faithfulness(told, NAMES, Additive({}))
    assert (found.pairs, found.unnamed, found.short, found.named) == (0, 1, 1, None)


def test_a_sequential_model_scores_the_history_that_is_left(shared_run: SharedRun) -> None:
    run = load_run(shared_run.result.checkpoint)
    model = left_out(run)
    past = model.past("u1")
    whole, without, again = model.scores("u1", "i15", [[], past[-1:], []])
    assert whole == again != without


def test_a_graph_model_scores_the_graph_that_is_left(load: Any, toy: AtomicDataset, fake_pipeline: list[Any]) -> None:
    trained = train(load, toy, "LightGCN")
    run = load_run(trained.checkpoint)
    model = left_out(run)
    user = "u1"
    before = run.model.norm_adj_matrix.to_dense().clone()
    past = model.past(user)
    assert len(past) >= 3
    whole, fewer, again = model.scores(user, "i0", [[], past[:1], []])
    assert whole == again != fewer
    assert torch.equal(run.model.norm_adj_matrix.to_dense(), before)
    # The same by a graph made by hand, without the edge.
    number, node = (
        run.training.token2id("user_id", user),
        run.training.user_num + run.training.token2id("item_id", past[0]),
    )
    edges = (before > 0).double()
    edges[number, node] = edges[node, number] = 0
    degrees = edges.sum(1) + 1e-7
    run.model.norm_adj_matrix = (edges / (degrees[:, None] * degrees[None]).sqrt()).float().to_sparse()
    run.model.restore_user_e = run.model.restore_item_e = None
    with torch.no_grad():
        users, items = run.model.forward()
    wanted = users[number] @ items[run.training.token2id("item_id", "i0")]
    np.testing.assert_allclose(fewer, float(wanted), rtol=1e-4)


def test_all_towers_of_a_late_fusion_read_the_graph_that_is_left(
    load: Any, toy: AtomicDataset, fake_pipeline: list[Any]
) -> None:
    run = load_run(train(load, toy, "CURecGeneral LightGCN", **LATE).checkpoint)
    graphs = [tower.backbone.norm_adj_matrix for tower in run.model.towers]
    model = left_out(run)
    found = []
    for weights in ([0.5, 0.5], [1.0, 0.0], [0.0, 1.0]):
        run.model.weights.copy_(torch.tensor(weights))
        whole, fewer, again = model.scores("u1", "i0", [[], model.past("u1")[:1], []])
        assert whole == again != fewer
        found.append(fewer)
    assert found[0] == pytest.approx((found[1] + found[2]) / 2, abs=1e-6)
    for tower, graph in zip(run.model.towers, graphs, strict=True):
        assert torch.equal(tower.backbone.norm_adj_matrix.to_dense(), graph.to_dense())


def test_a_model_of_vectors_is_refused(load: Any, toy: AtomicDataset) -> None:
    with pytest.raises(ConfigurationError, match="training again"):
        left_out(load_run(train(load, toy, "BPR").checkpoint))


def test_the_call_reports_on_a_run(shared_run: SharedRun) -> None:
    found = curec.faithfulness(shared_run.result, ["u1", "u2", "u3"], 3, draws=2)
    assert found.pairs + found.unnamed + found.short == 9
    with pytest.raises(ConfigurationError, match="draws"):
        curec.faithfulness(shared_run.result, ["u1"], draws=0)
