"""One split of users: nobody who is measured has taught anything that measures or is trained by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.user_split import UserSplit
from tests.examples import make_history


def history_of(users):
    return make_history({f"u{k:03}": ["a", "b"] for k in range(users)}, ["", "a", "b"])


@given(users=st.integers(4, 300), holdout=st.floats(0.01, 0.9), seed=st.integers(0, 9))
def test_groups_are_disjoint_and_hold_everybody(users, holdout, seed):
    split = UserSplit.draw(history_of(users), holdout, np.random.default_rng(seed))
    groups = [split.reward, split.judge, split.probe]
    if sum(map(len, groups)) > users:  # only where one user is left over for two halves
        assert users - len(split.probe) == 1
        assert split.reward.tolist() == split.judge.tolist()
    else:
        assert sorted(np.concatenate(groups).tolist()) == list(range(1, users + 1))
        assert abs(len(split.reward) - len(split.judge)) <= 1
    assert len(split.probe) == max(1, int(holdout * users))
    assert not np.isin(split.probe, split.trained).any()


@pytest.mark.parametrize(("users", "sizes"), [(1, (1, 1, 1)), (2, (1, 1, 1)), (3, (1, 1, 1)), (4, (2, 1, 1))])
def test_few_users_are_as_far_apart_as_they_can_be(users, sizes):
    split = UserSplit.draw(history_of(users), 0.2, np.random.default_rng(0))
    assert (len(split.reward), len(split.judge), len(split.probe)) == sizes
    assert len({*split.reward.tolist(), *split.judge.tolist(), *split.probe.tolist()}) == users


def test_the_same_seed_splits_the_same_way_and_a_split_survives_its_file(tmp_path):
    first, again, other = (UserSplit.draw(history_of(50), 0.2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    first.save(tmp_path)
    for split in (again, UserSplit.load(tmp_path)):
        assert split.reward.tolist() == first.reward.tolist()
        assert split.judge.tolist() == first.judge.tolist()
        assert split.probe.tolist() == first.probe.tolist()
    assert other.probe.tolist() != first.probe.tolist()
