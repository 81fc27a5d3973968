from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.intervals import parse_counts, parse_intervals, parse_threshold, parse_values, within

NUMBERS = np.array([-1.0, 0.0, 1.0, 2.0, 2.5, 3.0, 5.0, np.inf, np.nan])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[1,3]", [1, 2, 2.5, 3]),
        ("(1,3)", [2, 2.5]),
        ("[1,3)", [1, 2, 2.5]),
        ("(1,3]", [2, 2.5, 3]),
        ("[3,inf)", [3, 5]),
        ("[3,inf]", [3, 5, np.inf]),
        ("(-inf,0]", [-1, 0]),
        ("(-inf,inf)", [-1, 0, 1, 2, 2.5, 3, 5]),
        (" [ 1 , 2 ] ; (2.5,5) ", [1, 2, 3]),
        ("[5,5];[1e0,2)", [1, 5]),
    ],
)
def test_intervals_keep_their_numbers(text: str, kept: list[float]) -> None:
    assert NUMBERS[within(NUMBERS, parse_intervals("x", text))].tolist() == kept


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("3,inf", "'3,inf' is not an interval: write '[3,5]'"),
        ("]3,5[", "is not an interval"),
        ("[3;5]", "wrong at '[3'"),
        ("[3,5", "is not an interval"),
        ("[3]", "is not an interval"),
        ("[1,2,3]", "is not an interval"),
        ("", "is an empty interval"),
        ("[1,2];", "'[1,2];' is an empty interval"),
        ("[1,2];5", "wrong at '5'"),
        ("[,5]", "'' in '[,5]' is no number"),
        ("[nan,5]", "'nan' in '[nan,5]' is no number"),
        ("[one,5]", "'one' in '[one,5]' is no number"),
        ("[5,3]", "'[5,3]' begins at 5, above its end at 3"),
        ("(3,3]", "'(3,3]' contains no number"),
        ("[inf,inf]", "contains no number"),
        (3, "3 is not an interval"),
        (True, "True is not an interval"),
        ([3, 5], "[3, 5] is not an interval"),
        ({}, "{} is not an interval"),
    ],
)
def test_what_is_no_interval_is_one_sentence(value: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_intervals("val_interval of 'rating'", value)
    assert str(caught.value).startswith("val_interval of 'rating': ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("[5,inf)", "[5,inf)"),
        ([5, 10], "[5,10]"),
        ((5, 10), "(5,10)"),
        ("[0,9)", "[0,9)"),
        ([5, float("inf")], "[5,inf]"),
    ],
)
def test_numbers_of_interactions(value: Any, shown: str) -> None:
    assert [str(interval) for interval in parse_counts("x", value)] == [shown]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (12, "12 is not an interval: for at least so many write '[12,inf)'"),
        ("[0.2,0.8]", "[0.2,0.8] contains no number of interactions"),
        ("(2,3)", "(2,3) contains no number of interactions"),
        ("[0,0]", "[0,0] contains"),
        ("[-5,1)", "[-5,1) contains"),
        ("[1,2];[0,0]", "[0,0] contains"),
        ([5], "[5] is not an interval"),
        ("12", "'12' is not an interval"),
        (True, "True is not an interval"),
    ],
)
def test_what_is_no_number_of_interactions(value: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match="item_inter_num_interval: ") as caught:
        parse_counts("item_inter_num_interval", value)
    assert words in str(caught.value)


def test_values_of_a_column_of_texts() -> None:
    assert parse_values("x", ["Drama", 1995]) == {"Drama", "1995"}
    assert parse_values("x", ("Drama",)) == {"Drama"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Drama", "for example ['Drama']"),
        ("[1,5]", "list the values to keep"),
        (5, "5 cannot be used for a column of type token"),
        ([], "the list is empty"),
        ([1.5], "1.5 is no text"),
        (["a", None], "None is no text"),
        ([True], "True is no text"),
    ],
)
def test_what_is_no_list_of_values(value: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_values("x", value)
    assert words in str(caught.value)


def test_a_threshold_is_one_column_and_one_number() -> None:
    assert parse_threshold({"rating": 4}) == ("rating", 4)


@pytest.mark.parametrize(
    "value", [4, "rating", {}, {"a": 1, "b": 2}, {"rating": "4"}, {"rating": None}, {"rating": True}, {"rating": [4]},
              {"rating": float("nan")}, {"rating": float("inf")}, [("rating", 4)]]
)  # fmt: skip
def test_what_is_no_threshold(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^threshold: .* write one column and one number, .*\{'rating': 4\}"):
        parse_threshold(value)
