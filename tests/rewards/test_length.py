from __future__ import annotations

import pytest

from recbole_curec.rewards.length import LengthReward
from tests.examples import GOOD


def test_the_band_costs_nothing_and_either_side_of_it_does() -> None:
    length = LengthReward()
    words = " ".join(["word"] * 5) + "."
    assert length([], [GOOD]) == [0.0]
    assert length([], [f"<think>x</think> {words}"]) == [pytest.approx(-0.5)]
    assert length([], [f"<think>x</think> {'word ' * 60}."]) == [pytest.approx(-0.5)]
    assert length([], [f"<think>x</think> {'word ' * 200}.", ""]) == [-1.0, -1.0]  # never lower
