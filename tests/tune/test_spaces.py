"""Kinds of values: what they hold, what a drawn number becomes, and what describes no values."""

from __future__ import annotations

from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.tune.spaces import Choice, LogUniform, Space, Stepped, Uniform, dimension


def test_a_choice_gives_back_lists_texts_and_none_as_they_were() -> None:
    values = [[64, 32], "a", None, 0.5, True]
    found = dimension("x", "choice", values)
    assert isinstance(found, Choice)
    assert found.labels == ["[64, 32]", '"a"', "null", "0.5", "true"]
    assert [found.value(label) for label in found.labels] == values == found.record()


def test_drawn_numbers_are_rounded_to_what_tables_show_and_stay_within_their_bounds() -> None:
    assert Uniform(0.1, 0.6).value(0.357712) == 0.3577
    assert LogUniform(0.00012345, 1.0).value(0.00012345) == 0.00012345  # 0.0001234 would lie outside


@pytest.mark.parametrize(
    ("arguments", "expected", "drawn", "value"),
    [
        ([64, 256, 64], Stepped(64, 256, 64), 130.0, 128),
        ([10, 100, 20], Stepped(20, 100, 20), 25, 20),  # multiples of the step, as in hyperopt
        ([0.1, 0.65, 0.1], Stepped(0.1, 0.6, 0.1), 0.30000000000000004, 0.3),
        ([0.0, 2.0, 1.0], Stepped(0, 2, 1), 1.0, 1),
    ],
)
def test_steps(arguments: list[Any], expected: Stepped, drawn: float, value: float) -> None:
    found = dimension("x", "quniform", arguments)
    assert found == expected
    assert found.value(drawn) == value
    assert type(found.value(drawn)) is type(value)


@pytest.mark.parametrize(
    ("kind", "arguments", "text"),
    [
        ("choice", [], "choice: [] is empty"),
        ("choice", [1, 1], "lists a value twice"),
        ("choice", [float("nan")], "cannot be used: list numbers"),
        ("uniform", [0.5, 0.5], "uniform: [0.5, 0.5] is empty"),
        ("uniform", [0.6, 0.1], "the first bound must be lower"),
        ("uniform", [0.1], "give [low, high] as numbers"),
        ("uniform", ["a", 1], "give [low, high] as numbers"),
        ("uniform", [0, float("inf")], "give [low, high] as numbers"),
        ("log_uniform", [0, 1], "bounds must be above 0"),
        ("quniform", [0, 1], "give [low, high, step] as numbers"),
        ("quniform", [0, 1, 0], "give a step above 0"),
        ("quniform", [1, 9, 10], "holds fewer than two multiples of 10"),
        ("loguniform", [-7, -4], "use log_uniform, whose bounds are the values themselves"),
        ("normal", [0, 1], "there is no 'normal': use one of choice, uniform, log_uniform, quniform"),
    ],
)
def test_what_describes_no_values_is_named(kind: str, arguments: list[Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        dimension("dropout", kind, arguments)
    assert str(error.value).startswith("dropout: ")
    assert text in str(error.value)


def test_a_space_makes_settings_and_says_itself_in_the_form_of_a_file() -> None:
    space = Space({"n": Choice((1, 2)), "lr": LogUniform(0.001, 0.1)}, "here")
    assert space.settings({"n": "2", "lr": 0.0123456}) == {"n": 2, "lr": 0.01235}
    assert space.record() == {"n": {"choice": [1, 2]}, "lr": {"log_uniform": [0.001, 0.1]}}
