"""Negatives are items a user does not have, and users in the same situation who do not have an item."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.negatives import OtherUsers, negative_item, negative_items
from tests.examples import make_history

ITEMS = ["", *"abcdefgh"]


@st.composite
def histories(draw):
    items = st.lists(st.sampled_from(ITEMS[1:]), min_size=1, max_size=6)
    users = draw(st.lists(items, min_size=1, max_size=12))
    return make_history({f"u{k:02}": taken for k, taken in enumerate(users)}, ITEMS)


@given(history=histories(), seed=st.integers(0, 5))
def test_a_negative_is_a_training_item_the_user_does_not_have(history, seed):
    users = np.repeat(np.unique(history.users), 5)
    many = negative_items(history, users, np.random.default_rng(seed))
    one = [negative_item(history, int(user), np.random.default_rng(seed)) for user in users]
    for user, *drawn in zip(users, many.tolist(), one, strict=True):
        own = set(history.of_user(int(user)).tolist())
        for item in drawn:
            assert item in history.items
            # A user who has every item has no negatives.
            assert item not in own or own >= set(history.items.tolist())


def test_negatives_are_items_of_others():
    history = make_history({"u": "ab", "v": "bccc", "w": "abcd"}, ("", "a", "b", "c", "d", "e"))
    rng = np.random.default_rng(0)
    drawn = Counter(negative_item(history, 1, rng) for _ in range(500))
    assert set(drawn) == {3, 4}  # e is nobody's
    assert drawn[3] > 3 * drawn[4] / 2  # by popularity: four rows to one
    assert {negative_item(history, 2, rng) for _ in range(100)} == {1, 4}
    assert {negative_item(history, 3, rng) for _ in range(100)} <= {1, 2, 3, 4}  # has all: one of their own


def test_negatives_are_drawn_by_popularity():
    history = make_history({**{f"u{k}": ["a"] for k in range(30)}, "v": ["b"], "w": ["c"]}, ITEMS)
    user = int(history.user_tokens.tolist().index("w"))
    drawn = negative_items(history, np.full(4000, user), np.random.default_rng(0))
    assert np.mean(drawn == 1) == pytest.approx(30 / 31, abs=0.01)
    assert set(drawn.tolist()) == {1, 2}


@given(history=histories(), seed=st.integers(0, 5), data=st.data())
def test_other_users_have_come_as_far_and_did_not_take_the_item(history, seed, data):
    row = data.draw(st.integers(0, history.n_interactions - 1))
    user, item, position = int(history.users[row]), int(history.items[row]), int(history.positions[row])
    users, positions = OtherUsers(history).draw(user, item, position, 4, np.random.default_rng(seed))
    lengths = {other: len(history.of_user(other)) for other in np.unique(history.users).tolist()}
    without = {other for other in lengths if other != user and item not in history.of_user(other)}
    assert len(users) == len(positions) == (4 if without else 0)
    far = {other for other in without if lengths[other] >= position}
    for other, place in zip(users.tolist(), positions.tolist(), strict=True):
        assert other in (far or without)
        assert place == min(position, lengths[other])
        assert place == position or not far


def test_among_equals_everybody_is_drawn_equally_often():
    history = make_history({"a": ["a", "b"], **{f"u{k}": ["b", "c", "d"] for k in range(4)}, "t": ["a", "c"]}, ITEMS)
    draws = [OtherUsers(history).draw(1, 1, 1, 8, np.random.default_rng(seed))[0] for seed in range(300)]
    counts = np.bincount(np.concatenate(draws), minlength=7)
    assert counts[[0, 1, 2]].tolist() == [0, 0, 0]  # padding, the user, and "t", who took the item
    assert counts[3:].tolist() == pytest.approx([600] * 4, rel=0.12)
