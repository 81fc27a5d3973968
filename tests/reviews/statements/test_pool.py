from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recbole_curec.reviews.statements.pool import StatementPool
from tests.reviews.statements.told import pool_of

ONE, TWO, THREE = (f"The {word} statement speaks of deep warm sound" for word in ("first", "second", "third"))
# Times are ranks: "b" and "c" review item "x" at the same time, "a" later.
ROWS = [
    ("a", "y", 1, 5.0, f"{ONE}. {ONE}."), ("a", "x", 4, 1.0, TWO), ("a", "z", 6, 3.0, THREE),
    ("b", "x", 2, 5.0, f"{ONE}. Short. {THREE}"), ("b", "z", 3, 4.0, ""),
    ("c", "x", 2, 2.0, TWO), ("c", "y", 5, 1.0, TWO),
]  # fmt: skip
X, Y, Z = 1, 2, 3
A, B, C = 1, 2, 3


@pytest.fixture(scope="module")
def pool() -> StatementPool:
    return pool_of(ROWS)[0]


def texts(pool: StatementPool, numbers: np.ndarray) -> list[tuple[int, str]]:
    return [(int(pool.users[k]), str(pool.texts[k])) for k in numbers]


def test_statements_have_writers_items_times_and_ratings(pool: StatementPool) -> None:
    assert len(pool) == 7  # one that a review repeats counts once
    assert pool.items.tolist() == [X, X, X, X, Y, Y, Z]
    assert pool.ranks.tolist() == [2, 2, 2, 4, 1, 5, 6]
    assert pool.ratings.tolist() == [1.0, 1.0, -0.5, -1.0, 1.0, -1.0, 0.0]
    assert pool.places.tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_candidates_are_of_other_users_and_strictly_earlier(pool: StatementPool) -> None:
    assert pool.cutoff(A, X, 1) == 4
    assert texts(pool, pool.candidates(A, X, 4, 9)) == [(B, ONE), (B, THREE), (C, TWO)]
    assert texts(pool, pool.candidates(A, X, 4, 2)) == [(B, THREE), (C, TWO)]  # the latest
    # Of one time neither is earlier; nor is what the user writes themself.
    assert texts(pool, pool.candidates(B, X, pool.cutoff(B, X, 0), 9)) == []
    assert texts(pool, pool.candidates(B, X, 99, 9)) == [(C, TWO), (A, TWO)]


def test_the_time_is_that_of_the_position_and_never_after_the_item_itself(pool: StatementPool) -> None:
    assert pool.cutoff(A, Z, 0) == 1  # not yet taken there: as early as the position
    assert pool.cutoff(A, X, 2) == pool.cutoff(A, X, None) == 4  # taken before
    assert pool.cutoff(C, Z, None) == pool.cutoff(C, Z, 2) == pool.cutoff(0, Z, None) == 7  # of now: after all training


def test_own_statements_are_earlier_and_never_about_the_item(pool: StatementPool) -> None:
    assert texts(pool, pool.own(A, Z, 2, 9)) == [(A, ONE), (A, TWO)]
    assert texts(pool, pool.own(A, X, 3, 9)) == [(A, ONE), (A, THREE)]
    assert texts(pool, pool.own(A, X, None, 1)) == [(A, THREE)]
    assert texts(pool, pool.own(A, Y, 0, 9)) == texts(pool, pool.own(0, Y, None, 9)) == []
    assert texts(pool, pool.of_row(3)) == [(B, ONE), (B, THREE)]


def test_a_pool_is_read_as_it_was_written(pool: StatementPool, tmp_path: Path) -> None:
    pool.save(tmp_path)
    again = StatementPool.load(tmp_path, pool.history)
    for name in ("texts", "rows", "places", "ratings", "users", "items", "ranks", "times", "quotable"):
        np.testing.assert_array_equal(getattr(again, name), getattr(pool, name))


def test_one_rating_alone_is_no_scale() -> None:
    same = [(*row[:3], 5.0, row[4]) for row in ROWS]
    assert np.isnan(pool_of(same)[0].ratings).all()
