"""Titles and histories for those who compare: of the training split alone, and never the item itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.evaluation.compared_pairs import ComparedPair
from recbole_curec.plugin.loading import load_data
from recbole_curec.serving.training_contexts import training_contexts
from tests.atomic_dataset import AtomicDataset
from tests.trained import Trained, train


@pytest.fixture
def trained(load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]) -> Trained:
    return train(load, toy, "CURec gate")


def test_histories_end_before_the_item_and_hold_no_test_item(trained: Trained) -> None:
    history = load_data(trained.checkpoint).training.train_history()
    tokens = [str(token) for token in history.item_tokens]
    user = max(range(1, history.n_users), key=lambda one: len(history.of_user(one)))
    name, taken = str(history.user_tokens[user]), [tokens[item] for item in history.of_user(user)]
    assert len(taken) > 3
    unseen = next(token for token in tokens[1:] if token not in taken)
    pairs = [ComparedPair(name, taken[2], ("a", "b")), ComparedPair(name, unseen, ("a", "b"))]
    found = training_contexts(trained.checkpoint, pairs)
    story = [f"Story {token[1:]}" for token in taken]
    assert found[name, taken[2]].history == tuple(story[:2])
    assert found[name, unseen].history == tuple(story[-10:])
    assert found[name, unseen].title == f"Story {unseen[1:]}"


def test_an_earlier_item_that_an_explanation_names_is_shown(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recbole_curec.serving.training_contexts._SHOWN", 1)
    history = load_data(trained.checkpoint).training.train_history()
    user = max(range(1, history.n_users), key=lambda one: len(history.of_user(one)))
    taken = [f"Story {history.item_tokens[item][1:]}" for item in history.of_user(user)]
    unseen = next(str(token) for token in history.item_tokens[1:] if f"Story {token[1:]}" not in taken)
    pair = ComparedPair(str(history.user_tokens[user]), unseen, ("a", f'As you chose "{taken[0]}"'))
    (found,) = training_contexts(trained.checkpoint, [pair]).values()
    assert found.history[0] == taken[0] and found.history[-1] == taken[-1]


def test_unknown_ids_are_named(trained: Trained) -> None:
    pair = ComparedPair("u1", "i1", ("a", "b"))
    with pytest.raises(DataError, match="user 'nobody' is not in the data"):
        training_contexts(trained.checkpoint, [replace(pair, user="nobody")])
    with pytest.raises(DataError, match="item 'nothing' is not in the data"):
        training_contexts(trained.checkpoint, [replace(pair, item="nothing")])


def test_a_plain_model_has_no_order(load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]) -> None:
    checkpoint = train(load, toy, "BPR").checkpoint
    with pytest.raises(ConfigurationError, match="is of BPR, whose data have no exact order"):
        training_contexts(checkpoint, [ComparedPair("u1", "i1", ("a", "b"))])
