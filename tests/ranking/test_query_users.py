"""Who teaches a ranker: users with enough training interactions, and how many queries they can give."""

import numpy as np
import pytest

from recbole_curec.ranking.query_users import held_out_users, last_interactions, most_queries, query_users
from recbole_curec.settings.rank import RankSettings
from tests.ranking.worlds import history_of

HISTORY = history_of([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4]], 8)


def test_two_interactions_of_every_user_stay() -> None:
    assert last_interactions(HISTORY, np.array([1, 2, 3, 4]), 3).tolist() == [0, 0, 0, 1, 3, 0]


def test_users_with_more_are_asked_in_an_order_of_the_seed() -> None:
    orders = {tuple(query_users(HISTORY, RankSettings(), seed).tolist()) for seed in range(20)}
    assert all(sorted(order) == [3, 4, 5] for order in orders)
    assert len(orders) > 1


@pytest.mark.parametrize(("positions", "queries"), [(1, 3), (2, 5), (9, 7)])
def test_queries_are_counted_by_who_is_held_out(positions: int, queries: int) -> None:
    settings = RankSettings(positions=positions, holdout=0.5)
    held = held_out_users(query_users(HISTORY, settings, 1), settings)
    assert len(held) == 1
    own = int(min(positions, {3: 1, 4: 4, 5: 2}[int(held[0])]))
    assert most_queries(HISTORY, settings, 1) == (queries - own, own)
