from __future__ import annotations

import pytest

from recbole_curec.rewards.repetition import RepetitionReward
from tests.examples import GOOD


def test_repeated_trigrams_are_counted() -> None:
    repeated = "<think>x</think> one two three one two three."
    # Trigrams: (1 2 3), (2 3 1), (3 1 2), (1 2 3): one of four repeats.
    assert RepetitionReward()([], [repeated, GOOD]) == [pytest.approx(-0.25), 0.0]


def test_thinking_that_repeats_more_than_the_reason_decides() -> None:
    thought = "<think>one two three one two three</think> Nothing here is said a second time."
    assert RepetitionReward()([], [thought]) == [pytest.approx(-0.25)]
