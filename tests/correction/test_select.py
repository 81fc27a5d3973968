from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recbole_curec.correction.select import for_other_users, item_shares, run_selection, select_interactions, time_steps
from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.sections import SelectSettings


def _history(sequences: list[list[int]], n_items: int = 8) -> TrainHistory:
    lengths = [0, *map(len, sequences)]
    return TrainHistory(
        indptr=np.concatenate([[0], np.cumsum(lengths)]),
        items=np.array([item for sequence in sequences for item in sequence]),
        n_items=n_items,
        user_tokens=np.array([str(user) for user in range(len(sequences) + 1)]),
        item_tokens=np.array([str(item) for item in range(n_items)]),
    )


def _select(history: TrainHistory, per_item: int) -> NDArray[np.int64]:
    return select_interactions(history, item_shares(history, per_item, None, 0), np.random.default_rng(0))


SEQUENCES = st.lists(st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(SEQUENCES, st.integers(1, 4))
def test_every_item_gets_its_share_and_all_where_fewer(sequences: list[list[int]], per_item: int) -> None:
    history = _history(sequences)
    rows = _select(history, per_item)
    assert len(np.unique(rows)) == len(rows)
    wanted = np.minimum(np.bincount(history.items, minlength=8), per_item)
    assert np.bincount(history.items[rows], minlength=8).tolist() == wanted.tolist()


# Item 1 is taken by six users, item 2 by three, item 3 by two, items 4 to 6 by one each.
_POPULAR = _history([[1, 2, 3], [1, 2, 3], [1, 2], [1, 4], [1, 5], [1, 6]])


@pytest.mark.parametrize(
    ("total", "per_item", "shares"),
    [
        (1, 3, [1, 0, 0]),  # 6
        (3, 3, [2, 1, 0]),  # 6, 3, 3
        (5, 3, [3, 1, 1]),  # 6, 3, 3, 2, 2
        (5, 1, [1, 1, 1]),  # and two of items 4 to 6
    ],
)
def test_a_total_goes_where_interactions_are(total: int, per_item: int, shares: list[int]) -> None:
    found = item_shares(_POPULAR, per_item, total, 4)
    assert found[1:4].tolist() == shares
    assert found.sum() == total
    rows = run_selection(_POPULAR, SelectSettings(reasons_per_item=per_item, reasons_total=total), 4)
    assert np.bincount(_POPULAR.items[rows], minlength=8).tolist() == found.tolist()


def test_ties_are_drawn_by_the_seed() -> None:
    last = {tuple(item_shares(_POPULAR, 1, 4, seed)[4:7].tolist()) for seed in range(20)}
    assert last == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}


def test_a_total_that_is_not_reached_changes_nothing() -> None:
    without = run_selection(_POPULAR, SelectSettings(), 0)
    assert run_selection(_POPULAR, SelectSettings(reasons_total=11), 0).tolist() == without.tolist()
    assert len(without) == 11  # 3 + 3 + 2 + 1 + 1 + 1
    assert SelectSettings().fingerprint_fields().keys() == {"reasons_per_item", "carry_reasons", "fault_share"}


@settings(max_examples=60, deadline=None)
@given(SEQUENCES, st.integers(1, 4), st.integers(1, 30))
def test_no_item_has_more_interactions_per_reason_than_another_would_have(
    sequences: list[list[int]], per_item: int, total: int
) -> None:
    history = _history(sequences)
    counts = np.bincount(history.items, minlength=8)
    shares = item_shares(history, per_item, total, 0)
    assert shares.sum() == min(total, np.minimum(counts, per_item).sum())
    wanting = shares < np.minimum(counts, per_item)
    if wanting.any() and shares.any():
        best_next = (counts[wanting] / (shares[wanting] + 1)).max()
        assert (counts[shares > 0] / shares[shares > 0]).min() >= best_next


@settings(max_examples=60, deadline=None)
@given(SEQUENCES)
def test_steps_cover_all_rows_once_and_run_forward_in_time(sequences: list[list[int]]) -> None:
    history = _history(sequences)
    rows = _select(history, 3)
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
    rows = _select(history, 1)
    chosen = {int(history.items[row]): int(history.positions[row]) for row in rows}
    assert chosen == {1: 1, 2: 1, 3: 0}  # item 3 was only ever a user's first


@settings(max_examples=60, deadline=None)
@given(SEQUENCES.filter(lambda sequences: len(sequences) > 1), st.integers(0, 3))
def test_shuffled_reasons_are_for_others_who_do_not_have_the_item_yet(sequences: list[list[int]], seed: int) -> None:
    history = _history(sequences)
    rows = _select(history, 3)
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
