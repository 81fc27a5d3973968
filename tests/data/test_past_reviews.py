"""Past reviews against a plain loop: both sides, either kind of split, ties, unequal lengths, the row's own review."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.data.past_reviews import Ids, PastReviews
from recbole_curec.errors import DataError


def drawn(n_users: int, n_items: int, count: int, seed: int) -> tuple[Ids, Ids, Ids, Ids]:
    """Pairs that occur once, their exact ranks over tied times, and which of them are for training."""
    rng = np.random.default_rng(seed)
    pairs = rng.choice(n_users * n_items, count, replace=False)
    times = rng.integers(0, 5, count)
    ranks = np.empty(count, dtype=np.int64)
    ranks[np.argsort(times, kind="stable")] = np.arange(count)
    return 1 + pairs // n_items, 1 + pairs % n_items, ranks, np.flatnonzero(rng.random(count) < 0.7)


def by_loop(past: PastReviews, side: str, user: int, item: int, rank: int) -> list[int]:
    found = []
    for number in range(len(past)):
        mine = past.users[number] == user if side == "user" else past.items[number] == item
        own = past.users[number] == user and past.items[number] == item
        if mine and not own and (past.ranks[number] < rank or not past.chronological):
            found.append(number)
    recent = sorted(found, key=lambda number: -past.ranks[number])[: past.longest]
    return [number + 1 for number in recent] + [0] * (past.longest - len(recent))


@pytest.mark.parametrize("chronological", [True, False])
@pytest.mark.parametrize(("sizes", "longest"), [((6, 7, 30), 3), ((3, 40, 90), 10), ((40, 3, 90), 1), ((5, 5, 25), 4)])
def test_both_sides_equal_a_plain_loop(chronological: bool, sizes: tuple[int, int, int], longest: int) -> None:
    for seed in range(4):
        users, items, ranks, kept = drawn(*sizes, seed)
        past = PastReviews(users[kept], items[kept], ranks[kept], longest, chronological)
        for side, ask in (("user", past.of_users), ("item", past.of_items)):
            expected = [
                by_loop(past, side, *row) for row in zip(users.tolist(), items.tolist(), ranks.tolist(), strict=True)
            ]
            assert ask(users, items, ranks).tolist() == expected


def test_the_own_review_is_left_out_even_where_it_is_earlier() -> None:
    past = PastReviews(np.array([1, 1, 2]), np.array([1, 2, 1]), np.array([0, 1, 2]), 5, True)
    again = (np.array([1]), np.array([1]), np.array([9]))  # the user comes back to item 1
    assert past.of_users(*again).tolist() == [[2, 0, 0, 0, 0]]
    assert past.of_items(*again).tolist() == [[3, 0, 0, 0, 0]]


def test_unknown_users_and_items_have_no_past() -> None:
    past = PastReviews(np.array([2, 4]), np.array([1, 1]), np.array([0, 1]), 2, True)
    rows = (np.array([1, 3, 9]), np.array([7, 7, 7]), np.array([5, 5, 5]))
    assert past.of_users(*rows).tolist() == [[0, 0]] * 3
    assert past.of_items(*rows).tolist() == [[0, 0]] * 3


def test_a_second_review_of_a_pair_is_refused() -> None:
    with pytest.raises(DataError, match="1 training reviews are of an item that the same user has reviewed before"):
        PastReviews(np.array([1, 1]), np.array([3, 3]), np.array([0, 1]), 2, True)
