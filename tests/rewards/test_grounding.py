from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Fact
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.rewards.grounding import GroundingReward
from tests.examples import CATALOG, EVIDENCE, GOOD
from tests.rewards.rated import request, rows

GROUNDING = GroundingReward.prepare(request())


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
def test_every_false_claim_costs_a_half(text: str, expected: float) -> None:
    assert GROUNDING([], [text], **rows(1)) == [expected]


def test_items_of_the_history_that_no_fact_names_cost_a_half() -> None:
    evidence = replace(EVIDENCE, history=("Toy Story", "Heat"))
    recited = GOOD.replace('"Heat" and', '"Heat" and "Toy Story" and')
    assert not ClaimChecker(CATALOG).faults(parse_reason(recited), evidence)  # it is no invention
    assert GROUNDING([], [GOOD, recited], **rows(2, evidence)) == [1.0, 0.5]


def test_a_reason_without_a_fact_costs_a_half() -> None:
    empty = '<think> x</think> You may like "Fargo" because it is a good choice for you.'
    assert GROUNDING([], [empty], **rows(1)) == [0.5]


def test_a_history_that_is_not_the_users_costs_a_half() -> None:
    evidence = replace(EVIDENCE, facts=(*EVIDENCE.facts, Fact("together", "Toy Story", 5, 0.5)))
    others = '<think> x</think> You may like "Fargo" because fans of "Toy Story" take it too and you favour Crime.'
    taken = '<think> x</think> You may like "Fargo" because you enjoyed "Toy Story" and you favour Crime.'
    assert GROUNDING([], [GOOD, others, taken], **rows(3, evidence)) == [1.0, 1.0, 0.5]


def test_strength_beyond_every_fact_is_a_false_claim() -> None:
    weak = replace(EVIDENCE, facts=(Fact("similar", "Heat", 2, 0.05), Fact("attribute", "Crime", 1, 1.1)))
    told = GOOD.replace("you enjoyed", "it is a close match to")
    checker = ClaimChecker(CATALOG)
    assert checker.faults(parse_reason(told), EVIDENCE) == []
    faults = checker.faults(parse_reason(told), weak)
    assert [(fault.kind, fault.about) for fault in faults] == [("strength", "Heat"), ("strength", "Crime")]
    assert [GROUNDING([], [told], **rows(1, evidence)) for evidence in (EVIDENCE, weak)] == [[1.0], [0.0]]
