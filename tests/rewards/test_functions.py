from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.rewards import functions

CATALOG = Catalog(
    tokens=("", "1", "2", "3"),
    names=("", "Heat", "Fargo", "Toy Story"),
    attributes=((), ("Crime",), ("Crime", "Drama"), ("Animation",)),
    texts=("", "Heat", "Fargo", "Toy Story"),
)
EVIDENCE = Evidence(
    user="u", item="2", position=3, target="Fargo", attributes=("Crime", "Drama"), history=("Heat",),
    facts=(Fact("similar", "Heat", 5, 0.5), Fact("attribute", "Crime", 2, 2.0), Fact("popularity", "popular", 0, 0.7)),
)  # fmt: skip
GOOD = (
    '<think> "Fargo": "Heat", Crime</think> You may like "Fargo" because you enjoyed "Heat" and you often choose Crime.'
)


def _rows(count: int) -> dict[str, list[str]]:
    row = functions.columns(EVIDENCE, 1, 2, 3)
    return {key: [value] * count for key, value in row.items()}


def test_format_reward_separates_whole_from_broken_completions() -> None:
    broken = [GOOD.replace("</think>", ""), GOOD.replace("Heat", 'Heat"'), "", GOOD.rstrip(".")]
    assert functions.format_reward(FailureFinder(GroundingChecker(CATALOG)))([], [GOOD, *broken], **_rows(5)) == [
        1.0,
        0.0,
        0.0,
        0.0,
        0.0,
    ]


def test_completions_may_be_messages() -> None:
    assert functions.format_reward(FailureFinder(GroundingChecker(CATALOG)))(
        [], [[{"role": "assistant", "content": GOOD}]], **_rows(1)
    ) == [1.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, 1.0),
        (GOOD.replace('"Heat" and', '"Toy Story" and'), 0.5),  # a catalog item that is not in the evidence
        (GOOD.replace("Crime.", "Animation."), 0.5),  # an attribute neither the target nor the facts have
        (GOOD.replace('like "Fargo"', "like it"), 0.5),  # the target is not named
        (GOOD.replace('like "Fargo" because you enjoyed "Heat"', 'like "Toy Night" and "Toy Story"'), -0.5),
    ],
)
def test_grounding_reward_charges_a_half_per_false_claim(text: str, expected: float) -> None:
    assert functions.grounding_reward(GroundingChecker(CATALOG))([], [text], **_rows(1)) == [expected]


def test_grounding_reward_charges_items_of_the_history_that_no_fact_names() -> None:
    evidence = replace(EVIDENCE, history=("Toy Story", "Heat"))
    row = {key: [value] for key, value in functions.columns(evidence, 1, 2, 3).items()}
    grounding = functions.grounding_reward(GroundingChecker(CATALOG))
    recited = GOOD.replace('"Heat" and', '"Heat" and "Toy Story" and')
    assert not GroundingChecker(CATALOG).ungrounded(parse_reason(recited), evidence)  # it is no invention
    assert grounding([], [GOOD], **row) == [1.0]
    assert grounding([], [recited], **row) == [0.5]


def test_grounding_reward_charges_a_reason_without_a_fact() -> None:
    empty = '<think> x</think> You may like "Fargo" because it is a good choice for you.'
    assert functions.grounding_reward(GroundingChecker(CATALOG))([], [empty], **_rows(1)) == [0.5]


@pytest.mark.parametrize(
    "line",
    [
        'History: "Heat"',
        'Target: "Fargo" (Crime, Drama)',
        'fans of "Heat" take it: strong',
        "the user favours Crime: strong",
        "often taken with none: none",
    ],
)
def test_format_reward_refuses_lines_of_the_prompt(line: str) -> None:
    whole = f'<think> "Fargo"</think> "Fargo" is for you, as you see - {line}.'
    broken = whole.replace(": ", " with ")
    format_reward = functions.format_reward(FailureFinder(GroundingChecker(CATALOG)))
    assert format_reward([], [whole, broken], **_rows(2)) == [0.0, 1.0]


def test_format_reward_refuses_other_languages_and_repetition() -> None:
    foreign = '<think> "Fargo"</think> Te gustará "Fargo" porque disfrutaste mucho de "Heat" y prefieres el crimen.'
    twice = GOOD.replace("because", "because because")
    format_reward = functions.format_reward(FailureFinder(GroundingChecker(CATALOG)))
    assert format_reward([], [GOOD, foreign, twice], **_rows(3)) == [1.0, 0.0, 0.0]


def test_grounding_reward_charges_a_history_that_is_not_the_users() -> None:
    evidence = replace(EVIDENCE, facts=(*EVIDENCE.facts, Fact("together", "Toy Story", 5, 0.5)))
    row = {key: [value] * 3 for key, value in functions.columns(evidence, 1, 2, 3).items()}
    others = '<think> x</think> You may like "Fargo" because fans of "Toy Story" take it too and you favour Crime.'
    taken = '<think> x</think> You may like "Fargo" because you enjoyed "Toy Story" and you favour Crime.'
    assert functions.grounding_reward(GroundingChecker(CATALOG))([], [GOOD, others, taken], **row) == [1.0, 1.0, 0.5]


class _Liking:
    """A reward model that likes everything alike."""

    def __init__(self, reward: float) -> None:
        self.reward = reward

    def score(self, users: Any, items: Any, positions: Any, texts: list[str]) -> Any:
        return SimpleNamespace(total=np.full(len(texts), self.reward))


@pytest.mark.parametrize(("reward", "unsound"), [(2.0, 0.0), (-1.0, -1.0)])
def test_what_is_broken_or_false_cannot_earn_the_model_reward(reward: float, unsound: float) -> None:
    scorer: Any = _Liking(reward)
    model_reward = functions.model_reward(scorer, FailureFinder(GroundingChecker(CATALOG)))
    false = GOOD.replace('"Heat" and', '"Toy Story" and')
    recited = '<think> "Fargo"</think> "Fargo" is for you, as you see - History: "Heat".'
    written = [GOOD, false, "no reason at all", recited]
    assert model_reward([], written, **_rows(4)) == [reward, unsound, unsound, unsound]


def test_length_reward_is_zero_in_the_band_and_falls_outside() -> None:
    words = " ".join(["word"] * 5) + "."
    short = functions.length_reward([], [f"<think>x</think> {words}"])[0]
    long = functions.length_reward([], [f"<think>x</think> {'word ' * 60}."])[0]
    assert functions.length_reward([], [GOOD]) == [0.0]
    assert short == pytest.approx(-0.5)
    assert long == pytest.approx(-0.5)


def test_repetition_reward_counts_repeated_trigrams() -> None:
    repeated = "<think>x</think> one two three one two three."
    # Trigrams: (1 2 3), (2 3 1), (3 1 2), (1 2 3): one of four repeats.
    assert functions.repetition_reward([], [repeated, GOOD]) == [pytest.approx(-0.25), 0.0]


def test_evaluate_weighs_and_sums_by_name() -> None:
    named = {
        "format": functions.format_reward(FailureFinder(GroundingChecker(CATALOG))),
        "length": functions.length_reward,
    }
    row = functions.columns(EVIDENCE, 1, 2, 3)
    values = functions.evaluate(named, {"format": 2.0}, [GOOD, ""], [row, row])
    assert values["format"] == [1.0, 0.0]
    assert values["total"] == [2.0, 0.0]  # a reward without a weight is measured but weighs nothing


def test_strength_beyond_every_fact_is_a_false_claim() -> None:
    weak = replace(EVIDENCE, facts=(Fact("similar", "Heat", 2, 0.05), Fact("attribute", "Crime", 1, 1.1)))
    told = GOOD.replace("you enjoyed", "it is a close match to")
    checker = GroundingChecker(CATALOG)
    assert checker.ungrounded(parse_reason(told), EVIDENCE) == []
    assert checker.ungrounded(parse_reason(told), weak) == ["close match", "often"]
