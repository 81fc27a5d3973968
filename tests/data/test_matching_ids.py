"""Ids of the interactions and of a file that are written differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.data.matching_ids import check_matching
from recbole_curec.errors import DataError


def test_half_of_the_ids_is_enough() -> None:
    check_matching(["a", "b", "a", "b"], ["b", "c"], Path("x.item"), "item_id")
    check_matching([], [], Path("x.item"), "item_id")


def test_fewer_are_an_error_with_two_examples_of_each_side() -> None:
    with pytest.raises(DataError) as raised:
        check_matching(["3", "4", "5", "6", "3"], ["3.0", "4.0", "6"], Path("x.item"), "item_id")
    assert "only 1 of 4 values of item_id" in str(raised.value)
    assert "'3' and '4' and the file such as '3.0' and '4.0'" in str(raised.value)


def test_a_file_whose_ids_are_all_known_is_quoted_too() -> None:
    with pytest.raises(DataError, match="the file such as 'a'"):
        check_matching(["a", "b", "c"], ["a"], Path("x.item"), "item_id")
