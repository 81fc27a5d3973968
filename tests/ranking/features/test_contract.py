"""What every family keeps to: shape, and no word of what its own user took later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recbole_curec.data.history import TrainHistory
from recbole_curec.extensions import RANK_FEATURES
from recbole_curec.ranking.family import FeatureFamily, RankMaterial
from tests.ranking.worlds import candidates_of, history_of, queries_of, random_history

FAMILIES = RANK_FEATURES.entries()
PAST = [1, 2, 3]
ITEMS = [[4, 5, 6, 7, 8], [4, 9, 10, 11]]


def made(name: str, history: TrainHistory) -> FeatureFamily:
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 3, history.n_items)
    counts[0] = 0
    arrays: dict[str, Any] = {
        "text": rng.normal(size=(history.n_items, 6)).astype(np.float32),
        "label_ends": np.cumsum(counts),
        "labels": rng.integers(0, 4, counts.sum()),
    }
    family: FeatureFamily = FAMILIES[name].prepare(RankMaterial(history, arrays))
    return family


def values(name: str, later: list[int]) -> Any:
    others = [random_history(1).of_user(user).tolist() for user in range(1, 20)]
    family = made(name, history_of([*others, [*PAST, *later]], 15))
    return family.values(queries_of([(20, PAST), (3, [5, 6])]), candidates_of(ITEMS))


@pytest.mark.parametrize("name", FAMILIES)
def test_one_number_per_query_candidate_and_column(name: str) -> None:
    found = values(name, [])
    assert found.shape == (2, 5, len(FAMILIES[name].columns))
    there = candidates_of(ITEMS).there
    assert np.isfinite(found[there]).all()
    assert np.ptp(found[there]) > 0


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("later", [[4], [4, 5, 11], [9, 4, 4, 12, 6]])
def test_what_the_user_takes_later_changes_nothing_of_the_user(name: str, later: list[int]) -> None:
    assert np.allclose(values(name, later)[0], values(name, [])[0], atol=1e-12)


@pytest.mark.parametrize("name", ["similar", "popularity", "attribute"])
def test_what_others_take_does(name: str) -> None:
    assert not np.allclose(values(name, [4, 5, 11])[1], values(name, [9, 10, 9, 10, 7, 7])[1])


@pytest.mark.parametrize("name", FAMILIES)
def test_queries_do_not_depend_on_each_other(name: str) -> None:
    family, queries, candidates = made(name, random_history(2)), queries_of([(1, [2]), (2, []), (0, [3, 4])]), ITEMS[0]
    whole = family.values(queries, candidates_of([candidates] * 3))
    for row in range(3):
        alone = family.values(queries.part(slice(row, row + 1)), candidates_of([candidates]))
        assert np.allclose(alone[0], whole[row], atol=1e-12)
