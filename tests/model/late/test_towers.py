"""Towers of a late fusion: what they share and what not, sums of standard scores, pairs."""

import copy

import pytest
import torch
from recbole.data.interaction import Interaction
from recbole.utils import get_model, init_seed

from recbole_curec.model.sequential_recommender.curec import CURec, LateCURec
from recbole_curec.model.standard_scores import standard_scores
from recbole_curec.plugin.trainers import window_loader

TOWERS = {"fusion": "late", "late.towers": ["gate", "none", "gate"]}


def full(model, batch):
    with torch.no_grad():
        return model.eval().full_sort_predict(batch).view(len(batch), -1)


def test_the_first_tower_starts_as_it_would_alone_and_no_weight_is_shared(prepare):
    config, train, _, late = prepare("CURec", **TOWERS)
    state = torch.get_rng_state()
    *_, alone = prepare("CURec", fusion="gate")
    assert type(late) is LateCURec
    assert type(alone) is CURec
    assert torch.equal(state, torch.get_rng_state())  # dropout will be that of the first tower alone
    assert late.towers[0].state_dict().keys() == alone.state_dict().keys()
    for mine, theirs in zip(late.towers[0].parameters(), alone.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    first, third = (late.towers[number].backbone.item_embedding for number in (0, 2))
    assert not torch.equal(first.table, third.table)
    assert first.semantic.data_ptr() == third.semantic.data_ptr()
    assert copy.deepcopy(late).double().towers[0].backbone.item_embedding.semantic.dtype == torch.float64
    assert len({parameter.data_ptr() for parameter in late.parameters()}) == len(list(late.parameters()))
    init_seed(config["seed"] + 1, reproducibility=True)
    config["seed"] += 1
    other = get_model("CURec")(config, train.dataset)
    assert not torch.equal(other.towers[0].backbone.item_embedding.table, third.table)


@pytest.mark.parametrize(("model", "backbone"), [("CURec", "SASRec"), ("CURec", "NARM"), ("CURecGeneral", "LightGCN")])
def test_a_score_is_the_weighted_sum_of_standard_scores(prepare, model, backbone):
    _, _, test, late = prepare(model, backbone=backbone, **TOWERS)
    batch = next(iter(test))[0]
    parts = [standard_scores(full(tower, batch)) for tower in late.towers]
    assert torch.allclose(full(late, batch), sum(parts) / 3, atol=1e-5)
    late.weights.copy_(torch.tensor([0.25, 0.0, 0.75]))
    assert torch.allclose(full(late, batch), 0.25 * parts[0] + 0.75 * parts[2], atol=1e-5)


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral"])
def test_pairs_have_the_scores_of_the_full_ranking(prepare, model, monkeypatch):
    _, _, test, late = prepare(model, **TOWERS)
    batch = next(iter(test))[0]
    expected = full(late, batch)
    rows = torch.tensor([4, 0, 4, 2, 0])
    pairs = batch[rows]
    pairs.update(Interaction({"item_id": torch.tensor([3, 1, 9, 3, 24])}))
    sizes, whole = [], late.full_sort_predict
    monkeypatch.setattr(late, "full_sort_predict", lambda part: sizes.append(len(part)) or whole(part))
    with torch.no_grad():
        found = late.predict(pairs)
    assert torch.allclose(found, expected[rows, pairs["item_id"]], atol=1e-5)
    assert sizes == [3]  # every user once


def test_stopped_towers_are_left_out_of_the_loss(prepare):
    _, train, _, late = prepare("CURecGeneral", **TOWERS)
    late.active = [0, 2]
    losses = late.calculate_loss(next(iter(train)))
    sum(losses).backward()
    assert len(losses) == 2
    moved = [any(p.grad is not None for p in tower.parameters()) for tower in late.towers]
    assert moved == [True, False, True]


def test_cosine_towers_score_by_angle(prepare):
    config, train, test, late = prepare(
        "CURec", fusion="late", **{"late.towers": ["none", "frozen"], "late.cosine": True}
    )
    ids, text = late.towers
    assert ids.log_scale is None
    batch = next(iter(test))[0]
    before = full(text, batch)
    assert before[:, 1:].abs().max() <= 20 * (1 + 1e-5)
    states = text.hidden_states(batch["item_id_list"], batch["item_length"])[
        range(len(batch)), batch["item_length"] - 1
    ]
    cosine = torch.cosine_similarity(states.unsqueeze(1), text.backbone.item_embedding.weight.unsqueeze(0), dim=2)
    assert torch.allclose(before[:, 1:], 20 * cosine[:, 1:], atol=1e-4)
    pairs = batch[:]
    pairs.update(Interaction({"item_id": torch.arange(1, 1 + len(batch)) % 24 + 1}))
    assert torch.allclose(text.predict(pairs), before[range(len(batch)), pairs["item_id"]], atol=1e-5)
    windows = next(iter(window_loader(config, train.dataset)))
    late.train()
    loss = text.calculate_loss(windows)
    loss.backward()
    assert text.log_scale.grad.abs() > 0
