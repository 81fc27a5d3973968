from __future__ import annotations

import pandas as pd
import pytest

from recbole_curec.benchmark.targets import Targets, check_same_targets
from recbole_curec.errors import DataError


def _targets(title: str, model: str, items: str) -> Targets:
    return Targets(title, model, pd.DataFrame({"user": list("abcde"), "item": list(items)}))


def test_the_same_items_in_any_order_are_the_same_targets() -> None:
    first = _targets("x", "CURec", "12345")
    check_same_targets(first, Targets("y", "SASRec", first.pairs[::-1]))


@pytest.mark.parametrize(
    ("models", "text"),
    [
        (("CURec", "GRU4Rec"), "set model: CURec with backbone: GRU4Rec and fusion: none in the row 'y'"),
        (("BPR", "CURecGeneral"), "set model: CURecGeneral with backbone: BPR and fusion: none in the row 'x'"),
        (("CURec", "CURec"), "give both rows the same eval_args, filters and seed"),
    ],
)
def test_other_items_are_an_error_that_names_users_and_the_fix(models: tuple[str, str], text: str) -> None:
    with pytest.raises(DataError, match=r"'x' and 'y' .* for 4 of 5 users, such as 'b', 'c', 'd': ") as caught:
        check_same_targets(_targets("x", models[0], "12345"), _targets("y", models[1], "10000"))
    assert text in str(caught.value)


def test_a_user_tested_on_an_item_twice_counts_twice() -> None:
    twice = Targets("y", "CURec", pd.DataFrame({"user": list("aab"), "item": list("112")}))
    once = Targets("x", "CURec", pd.DataFrame({"user": list("ab"), "item": list("12")}))
    with pytest.raises(DataError, match="for 1 of 2 users, such as 'a'"):
        check_same_targets(once, twice)
