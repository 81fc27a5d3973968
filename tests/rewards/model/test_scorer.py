from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from recbole_curec.data.history import TrainHistory
from recbole_curec.rewards.model.fit import _loss
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.rewards.model.scorer import RewardScorer, history_batch
from recbole_curec.text.lsa import LsaEncoder

TEXTS = ['"Heat" crime film', '"Fargo" crime drama', '"Toy Story" animation', '"Aliens" action', '"Speed" action bus']


@pytest.fixture
def history() -> TrainHistory:
    return TrainHistory(
        indptr=np.array([0, 0, 3, 5, 8]),
        items=np.array([1, 2, 3, 4, 5, 2, 1, 5]),
        n_items=6,
        user_tokens=np.array(["", "a", "b", "c"]),
        item_tokens=np.array(["", "1", "2", "3", "4", "5"]),
    )


@pytest.fixture
def scorer(history: TrainHistory) -> RewardScorer:
    encoder = LsaEncoder.fit(TEXTS, 4, seed=0)
    torch.manual_seed(0)
    model = RewardModel(torch.from_numpy(encoder.encode(["", *TEXTS])), hidden=8)
    return RewardScorer(model, encoder, history, history_length=3, probes=4, seed=7)


def test_history_batch_holds_only_earlier_items_padded_on_the_left(history: TrainHistory) -> None:
    batch = history_batch(history, [1, 1, 3], [0, 2, 2], 2)
    assert batch.tolist() == [[0, 0], [1, 2], [2, 1]]


def test_total_is_own_lift_less_the_mean_lift_of_others(scorer: RewardScorer) -> None:
    scores = scorer.score([1], [2], [1], ['because of "Heat"'])
    vectors = torch.from_numpy(scorer.encoder.encode(['because of "Heat"']))
    own = scorer.logits([1], [2], [1], vectors) - scorer.logits([1], [2], [1], None)
    assert scores.accuracy == pytest.approx(own)
    others, lengths = (values.tolist() for values in scorer.other_users(1, 2, 1))
    assert 1 not in others and len(others) == 4
    assert all(2 not in scorer.history.of_user(user) for user in others)  # who took the item is in no such situation
    assert lengths == [1, 1, 1, 1]  # as many interactions as the user had
    many = torch.cat([vectors] * 4)
    lift = scorer.logits(others, [2] * 4, lengths, many) - scorer.logits(others, [2] * 4, lengths, None)
    assert scores.total == pytest.approx(own - lift.mean())


def test_later_interactions_do_not_change_a_score(scorer: RewardScorer, history: TrainHistory) -> None:
    changed = TrainHistory(
        history.indptr, np.array([1, 4, 5, 4, 5, 2, 1, 5]), 6, history.user_tokens, history.item_tokens
    )
    other = RewardScorer(scorer.model, scorer.encoder, changed, history_length=3, probes=4, seed=7)
    vectors = torch.from_numpy(scorer.encoder.encode(["crime"]))
    assert scorer.logits([1], [2], [1], vectors) == other.logits([1], [2], [1], vectors)
    assert scorer.logits([1], [2], [2], vectors) != other.logits([1], [2], [2], vectors)


def test_no_reason_ignores_the_vector(scorer: RewardScorer) -> None:
    model = scorer.model
    past, item, hidden = torch.tensor([[0, 1, 2]]), torch.tensor([3]), torch.tensor([False])
    with torch.no_grad():
        first = model(past, item, torch.ones(1, 4), hidden)
        second = model(past, item, -torch.ones(1, 4), hidden)
        said = model(past, item, torch.ones(1, 4), ~hidden)
    assert torch.equal(first, second)
    assert not torch.equal(first, said)


def test_an_empty_history_scores_finite(scorer: RewardScorer) -> None:
    assert np.isfinite(scorer.score([1], [1], [0], ["crime"]).total).all()


def test_save_and_load_give_the_same_scores(scorer: RewardScorer, history: TrainHistory, tmp_path: Path) -> None:
    scorer.save(tmp_path)
    loaded = RewardScorer.load(tmp_path, history)
    arguments = ([1, 3], [2, 5], [1, 2], ['because of "Heat"', "action"])
    assert np.array_equal(scorer.score(*arguments).total, loaded.score(*arguments).total)


def test_loss_is_lower_when_the_positive_leads() -> None:
    assert _loss(torch.tensor([[2.0, -2.0]])) < _loss(torch.tensor([[0.0, 0.0]])) < _loss(torch.tensor([[-2.0, 2.0]]))
