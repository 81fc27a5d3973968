from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.correction.select import for_other_users, select_interactions, time_steps
from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError


def _history(sequences: list[list[int]], n_items: int = 8) -> TrainHistory:
    lengths = [0, *map(len, sequences)]
    return TrainHistory(
        indptr=np.concatenate([[0], np.cumsum(lengths)]),
        items=np.array([item for sequence in sequences for item in sequence]),
        n_items=n_items,
        user_tokens=np.array([str(user) for user in range(len(sequences) + 1)]),
        item_tokens=np.array([str(item) for item in range(n_items)]),
    )


SEQUENCES = st.lists(st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(SEQUENCES, st.integers(1, 4))
def test_every_item_gets_its_share_and_all_where_fewer(sequences: list[list[int]], per_item: int) -> None:
    history = _history(sequences)
    rows = select_interactions(history, per_item, np.random.default_rng(0))
    assert len(np.unique(rows)) == len(rows)
    wanted = np.minimum(np.bincount(history.items, minlength=8), per_item)
    assert np.bincount(history.items[rows], minlength=8).tolist() == wanted.tolist()


@settings(max_examples=60, deadline=None)
@given(SEQUENCES)
def test_steps_cover_all_rows_once_and_run_forward_in_time(sequences: list[list[int]]) -> None:
    history = _history(sequences)
    rows = select_interactions(history, 3, np.random.default_rng(0))
    steps = [rows[places] for places in time_steps(history.users[rows])]
    assert sorted(np.concatenate(steps).tolist()) == rows.tolist()
    seen: dict[int, int] = {}
    for step in steps:
        users = history.users[step]
        assert len(np.unique(users)) == len(users)  # one interaction of a user per step
        for user, position in zip(users.tolist(), history.positions[step].tolist(), strict=True):
            assert position > seen.get(user, -1)
            seen[user] = position


def test_interactions_with_a_history_come_first() -> None:
    history = _history([[1, 2], [2, 1], [3, 1]])
    rows = select_interactions(history, 1, np.random.default_rng(0))
    chosen = {int(history.items[row]): int(history.positions[row]) for row in rows}
    assert chosen == {1: 1, 2: 1, 3: 0}  # item 3 was only ever a user's first


@settings(max_examples=60, deadline=None)
@given(SEQUENCES.filter(lambda sequences: len(sequences) > 1), st.integers(0, 3))
def test_shuffled_reasons_are_for_others_who_do_not_have_the_item_yet(sequences: list[list[int]], seed: int) -> None:
    history = _history(sequences)
    rows = select_interactions(history, 3, np.random.default_rng(0))
    chosen = for_other_users(history, rows, np.random.default_rng(seed))
    assert sorted(chosen.rows.tolist()) == rows.tolist()  # every selected interaction keeps its reason
    assert (chosen.users != history.users[chosen.rows]).all()
    for row, user, position in zip(chosen.rows, chosen.users, chosen.positions, strict=True):
        own = history.of_user(int(user))
        assert 0 <= position < len(own)
        assert history.items[row] not in own[:position]
    assert np.array_equal(np.lexsort((chosen.positions, chosen.users)), np.arange(len(chosen)))  # in time order


def test_other_users_and_their_positions_are_drawn_evenly() -> None:
    # Ten users with items of their own; user 1's single row is selected many times over.
    history = _history([[1], *[[2, 3, 4, 5, 6] for _ in range(9)]])
    chosen = for_other_users(history, np.zeros(9000, dtype=np.int64), np.random.default_rng(0))
    assert np.bincount(chosen.users, minlength=11)[:2].tolist() == [0, 0]
    assert np.abs(np.bincount(chosen.users)[2:] - 1000).max() < 120
    assert np.abs(np.bincount(chosen.positions)[1:] - 2250).max() < 200
    assert np.bincount(chosen.positions)[0] == 0


def test_a_single_user_has_no_other() -> None:
    history = _history([[1, 2, 3]])
    with pytest.raises(ConfigurationError, match="shuffle_users: True needs two users"):
        for_other_users(history, np.arange(3), np.random.default_rng(0))
