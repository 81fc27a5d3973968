from __future__ import annotations

import re

import numpy as np
import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.ranking.families import Families
from recbole_curec.ranking.family import RankMaterial
from tests.ranking.worlds import candidates_of, queries_of, random_history

HISTORY = random_history(0)
BARE = RankMaterial(HISTORY)
WHOLE = RankMaterial(
    HISTORY,
    {"text": np.ones((15, 2), dtype=np.float32), "label_ends": np.arange(15), "labels": np.zeros(14, dtype=int)},
)
OWN = "tests.ranking.stand_ins:Number"


def test_families_are_all_that_the_data_allow_in_one_order() -> None:
    assert Families.prepare(None, WHOLE).names == ["attribute", "base_score", "popularity", "similar", "text"]
    assert Families.prepare(None, BARE).names == ["base_score", "popularity", "similar"]
    assert Families.prepare(None, WHOLE).arrays() == ["label_ends", "labels", "text"]


def test_a_family_of_ones_own_stands_beside_them() -> None:
    families = Families.prepare(["base_score", OWN], BARE)
    names = ["base_score.score", "base_score.place", "number.item", "number.past"]
    assert [column.name for column in families.columns] == names
    assert [column.is_base for column in families.columns] == [True, True, False, False]
    table = families.table(queries_of([(1, [3]), (2, [])]), candidates_of([[7], [5, 6]]))
    assert table.dtype == np.float32
    assert table[:, 2:].tolist() == [[7, 1], [5, 0], [6, 0]]  # query by query, nothing where there is no candidate


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["text"], "rank.features: text reads text of the items, which this run does not have: leave text out"),
        (["populraity"], "rank.features: 'populraity' is no ranking feature (nearest: 'popularity')"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_an_error(names: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Families.prepare(names, BARE)
