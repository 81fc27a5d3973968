from __future__ import annotations

import pytest

from recbole_curec.rewards.format import FormatReward
from tests.examples import GOOD
from tests.rewards.rated import request, rows

FORMAT = FormatReward.prepare(request())


def test_whole_completions_are_told_from_broken_ones() -> None:
    broken = [GOOD.replace("</think>", ""), GOOD.replace("Heat", 'Heat"'), "", GOOD.rstrip(".")]
    assert FORMAT([], [GOOD, *broken], **rows(5)) == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_completions_may_be_messages() -> None:
    assert FORMAT([], [[{"role": "assistant", "content": GOOD}]], **rows(1)) == [1.0]


@pytest.mark.parametrize(
    "line",
    [
        'History: "Heat"',
        'Target: "Fargo" (Crime, Drama)',
        'fans of "Heat" choose it: strong',
        "the user favours Crime: strong",
        "often chosen with none: none",
    ],
)
def test_lines_of_the_prompt_are_refused(line: str) -> None:
    whole = f'<think> "Fargo"</think> "Fargo" is for you, as you see - {line}.'
    broken = whole.replace(": ", " with ")
    assert FORMAT([], [whole, broken], **rows(2)) == [0.0, 1.0]


def test_other_languages_and_repetition_are_refused() -> None:
    foreign = '<think> "Fargo"</think> Te gustará "Fargo" porque disfrutaste mucho de "Heat" y prefieres el crimen.'
    twice = GOOD.replace("because", "because because")
    assert FORMAT([], [GOOD, foreign, twice], **rows(3)) == [1.0, 0.0, 0.0]
