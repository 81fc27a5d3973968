from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.features.statement_blocks import StatementBlock, of_other_items


def test_statements_get_the_variance_of_what_they_stand_beside() -> None:
    beside = np.array([[4, 0], [0, 0], [9, 9]], dtype=np.float32)  # variance of the first two: 4
    rows, vectors = np.array([0, 0, 1, 1]), np.array([[3, 1], [1, 1], [0, 1], [0, 1]], dtype=np.float32)
    block = StatementBlock.of(beside, rows, vectors)
    # Centred: 2, 0, -1, -1 in the first coordinate; means 1 and -1, of variance 1, so the share is 2.
    np.testing.assert_allclose(block.told, [[4, 0], [0, 0], [-2, 0], [-2, 0]])
    np.testing.assert_allclose(block.items, [[2, 0], [-2, 0], [0, 0]])
    half = StatementBlock.of(beside, rows, vectors, 0.5)
    np.testing.assert_allclose(half.items, block.items / 2)
    np.testing.assert_allclose(half.told, block.told / 2)


def test_equal_statements_say_nothing_of_their_items() -> None:
    block = StatementBlock.of(np.eye(2, dtype=np.float32), np.array([0, 1]), np.ones((2, 3), dtype=np.float32))
    assert not block.items.any() and not block.told.any()


@pytest.mark.parametrize("seed", range(5))
def test_every_item_gets_the_statements_of_one_other_item(seed: int) -> None:
    rows = np.array([5, 5, 2, 7, 7, 7, 2, 2, 9])
    taken = of_other_items(rows, np.random.default_rng(seed))
    sources = {item: set(rows[taken[rows == item]].tolist()) for item in (2, 5, 7, 9)}
    assert all(len(source) == 1 and item not in source for item, source in sources.items())
    assert set().union(*sources.values()) == {2, 5, 7, 9}
    for item in sources:
        assert len(set(taken[rows == item].tolist())) == min((rows == item).sum(), (rows == min(sources[item])).sum())


def test_a_single_item_keeps_its_own() -> None:
    assert of_other_items(np.array([3, 3]), np.random.default_rng(0)).tolist() == [0, 1]
