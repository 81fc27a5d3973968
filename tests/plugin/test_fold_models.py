"""A training split without the last interactions of some users, for models of both kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from recbole_curec.plugin.fold_models import train_without, without_last
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.rank_queries import split_queries, training_queries
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.ranking.query_users import last_interactions
from tests.atomic_dataset import AtomicDataset
from tests.ranking.worlds import history_of

MODELS = {"CURec": {"backbone": "SASRec"}, "CURecGeneral": {"backbone": "BPR"}}


@pytest.fixture(params=MODELS)
def splits(request: Any, load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any]) -> Any:
    split = {"split": {"LS": "valid_and_test"}, "order": "TO"}
    config = load(request.param, toy, **MODELS[request.param], fusion="gate", eval_args=split)
    return config, split_data(config)


def test_only_the_last_interactions_of_the_chosen_users_are_missing(splits: Any) -> None:
    _, loaders = splits
    training = dataset_of(loaders[0])
    whole = training.train_history()
    chosen = np.arange(1, whole.n_users, 2)
    left = last_interactions(whole, chosen, 3)
    assert left.max() == 3 and (left[chosen] > 0).any()
    thinned = without_last(training, left)
    found = thinned.train_history()
    for user in range(1, whole.n_users):
        taken = whole.of_user(user)
        assert found.of_user(user).tolist() == taken[: len(taken) - left[user]].tolist()
    assert training.train_history().digest() == whole.digest()  # the split itself is as it was
    assert (found.n_items, found.n_users) == (whole.n_items, whole.n_users)


def test_a_users_vector_does_not_show_what_was_left_out(splits: Any) -> None:
    _, loaders = splits
    training = dataset_of(loaders[0])
    history = training.train_history()
    left = last_interactions(history, np.arange(1, history.n_users, 2), 3)
    thinned = without_last(training, left)
    changed = np.flatnonzero(left)
    same = np.flatnonzero(left == 0)
    assert torch.equal(thinned.features.user[same], training.features.user[same])
    assert torch.equal(thinned.features.item, training.features.item)
    for user in changed.tolist():
        kept = history.of_user(user)[: -left[user]]
        mean = training.features.item[torch.from_numpy(kept)].mean(dim=0)
        assert torch.allclose(thinned.features.user[user], mean / mean.norm(), atol=1e-6)


def test_a_fold_is_trained_as_the_whole_where_nothing_is_left_out(splits: Any) -> None:
    config, loaders = splits
    training = dataset_of(loaders[0])
    nothing = np.zeros(training.user_num, dtype=np.int64)
    left = last_interactions(training.train_history(), np.arange(1, training.user_num, 2), 3)
    first, again = (train_without(config, training, nothing, 1)[0].state_dict() for _ in range(2))
    other = train_without(config, training, left, 1)[0].state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_queries_are_what_a_fold_has_not_seen() -> None:
    history = history_of([[1, 2, 3, 4], [5, 6, 7, 5, 8], [1, 2, 3]], 9)
    praised = history_of([[1, 2, 3, 4], [5, 6, 7, 5], [1, 2, 3]], 9)  # 8 is below the threshold
    left = np.array([0, 2, 3, 0])
    found = training_queries(history, praised, left, frozenset({(1, 3)}))
    # 3 has a reason, 5 is no candidate the second time.
    assert found.targets.tolist() == [4, 7]
    assert found.queries.users.tolist() == [1, 2]
    assert [past.tolist() for past in found.queries.pasts] == [[1, 2, 3], [5, 6]]


@pytest.mark.parametrize("number", [1, 2])
def test_queries_of_a_split_have_everything_before(splits: Any, number: int) -> None:
    _, loaders = splits
    found = split_queries(loaders, number)
    rows = dataset_of(loaders[number]).inter_feat
    assert len(found) == len(rows)  # leave-one-out: one interaction per user
    training = dataset_of(loaders[0]).train_history()
    wanted = dict(zip(rows["user_id"].tolist(), rows["item_id"].tolist(), strict=True))
    before = split_queries(loaders, 1) if number == 2 else None
    valid = {} if before is None else dict(zip(before.queries.users.tolist(), before.targets, strict=True))
    for user, past, targets in zip(found.queries.users.tolist(), found.queries.pasts, found.targets, strict=True):
        assert targets.tolist() == [wanted[user]]
        known = [*training.of_user(user).tolist(), *valid.get(user, np.array([], dtype=int)).tolist()]
        # Nobody's training history, where leave-one-out trains on nothing of the user.
        assert past.tolist()[-len(known) or None :][: len(known)] == known
        assert len(past) >= len(known)
