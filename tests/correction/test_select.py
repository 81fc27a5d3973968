from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.correction.select import select_interactions, time_steps
from recbole_curec.data.history import TrainHistory


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
    steps = time_steps(history, rows)
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
