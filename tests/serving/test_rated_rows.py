"""The ratings that the data hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from recbole_curec.serving.rated_rows import Rated, RatedRows


class _Table(dict[str, torch.Tensor]):
    """A table of interactions with their exact time ranks."""

    def __init__(self, rows: list[tuple[int, int, float, int]]) -> None:
        users, items, ratings, ranks = zip(*rows, strict=True)
        super().__init__(u=torch.tensor(users), i=torch.tensor(items), r=torch.tensor(ratings))
        self.ranks = torch.tensor(ranks)


def split(*rows: tuple[int, int, float, int]) -> Any:
    return SimpleNamespace(inter_feat=_Table(list(rows)), uid_field="u", iid_field="i", label_field="r")


@pytest.fixture
def rated() -> RatedRows:
    return RatedRows(
        [split((2, 1, 3.7, 4), (1, 2, 4.0, 0), (1, 1, 2.0, 3)), split((1, 3, 5.0, 1)), split((2, 1, 1.0, 9))]
    )


def test_a_users_ratings_are_in_time_order_with_their_splits(rated: RatedRows) -> None:
    assert rated.users == [1, 2]
    assert rated.of_user(1) == [
        Rated(2, 4.0, 0, "training"),
        Rated(3, 5.0, 1, "validation"),
        Rated(1, 2.0, 3, "training"),
    ]
    assert rated.of_user(7) == []
    assert rated.of_user(2)[0].rating == 3.7  # as the file has it, not as float32 does


def test_a_pair_has_its_last_rating_and_time_and_others_are_of_today(rated: RatedRows) -> None:
    assert rated.of_pair(2, 1) == Rated(1, 1.0, 9, "test")
    assert (rated.rank(2, 1), rated.rank(1, 1), rated.rank(2, 3), rated.today) == (9, 3, 10, 10)
    assert rated.of_pair(2, 3) is None
