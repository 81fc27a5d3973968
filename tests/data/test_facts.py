"""What is worth telling: facts that are more than weak, or else the strongest weak one."""

from __future__ import annotations

import pytest

from recbole_curec.data.evidence import Fact
from recbole_curec.data.facts import worth_telling

FAIR = Fact("similar", "Heat", 5, 0.2)
WEAK = Fact("similar", "The Godfather", 2, 0.1)
WEAK_TASTE = Fact("attribute", "Crime", 2, 1.3)
WEAK_PAIR = Fact("together", "Alien", 2, 0.12)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ((), ()),
        ((FAIR, WEAK), (FAIR,)),
        ((WEAK, Fact("attribute", "Crime", 2, 1.4), WEAK_PAIR), (Fact("attribute", "Crime", 2, 1.4),)),
        ((WEAK, Fact("together", "Alien", 2, 0.4)), (Fact("together", "Alien", 2, 0.4),)),
        # Of the way from no support to a fair one: 0.1 / 0.2, (1.3 - 1) / (1.4 - 1), 0.12 / 0.2.
        ((WEAK, WEAK_TASTE, WEAK_PAIR), (WEAK_TASTE,)),
        ((WEAK, WEAK_PAIR), (WEAK_PAIR,)),
        ((WEAK,), (WEAK,)),
    ],
)
def test_weak_facts_are_told_only_where_there_is_nothing_better(
    facts: tuple[Fact, ...], told: tuple[Fact, ...]
) -> None:
    assert worth_telling(facts, "Fargo") == told


def test_another_item_of_the_same_name_supports_nothing_and_a_label_of_that_name_does() -> None:
    assert worth_telling((Fact("together", "Heat", 9, 0.9), WEAK), "Heat") == (WEAK,)
    label = Fact("attribute", "Heat", 9, 3.0)
    assert worth_telling((label, WEAK), "Heat") == (label,)
