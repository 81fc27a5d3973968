"""One split of users: nobody who is measured has taught anything that measures or is trained by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.user_split import UserSplit
from tests.examples import make_history


def history_of(users):
    return make_history({f"u{k:03}": ["a", "b"] for k in range(users)}, ["", "a", "b"])


@given(users=st.integers(2, 300), holdout=st.floats(0.01, 0.9), seed=st.integers(0, 9))
def test_groups_are_disjoint_and_hold_everybody(users, holdout, seed):
    split = UserSplit.draw(history_of(users), holdout, np.random.default_rng(seed))
    assert sorted([*split.trained.tolist(), *split.probe.tolist()]) == list(range(1, users + 1))
    assert len(split.probe) == max(1, int(holdout * users))
    assert len(split.trained) >= 1


def test_a_single_user_is_in_both_groups():
    split = UserSplit.draw(history_of(1), 0.2, np.random.default_rng(0))
    assert split.trained.tolist() == split.probe.tolist() == [1]


def test_the_same_seed_splits_the_same_way_and_a_split_survives_its_file(tmp_path):
    first, again, other = (UserSplit.draw(history_of(50), 0.2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    first.save(tmp_path)
    for split in (again, UserSplit.load(tmp_path)):
        assert split.trained.tolist() == first.trained.tolist()
        assert split.probe.tolist() == first.probe.tolist()
    assert other.probe.tolist() != first.probe.tolist()


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_users_without_training_interactions_are_in_no_group(share):
    history = make_history({"u": ["a"], "v": ["b"], "w": []}, ["", "a", "b"])
    split = UserSplit.draw(history, share, np.random.default_rng(0))
    assert {*split.trained.tolist(), *split.probe.tolist()} == {1, 2}
