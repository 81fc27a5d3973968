"""Attention checks: questions whose right answer is known, spread among the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recbole_curec.evaluation.compared_pairs import ComparedPair
from recbole_curec.evaluation.planted_sides import Planted, empty_talk, plant_in_turn

# Share of checks above which an annotator who fails them is set aside.
TOLERATED = 0.25
# One check for so many questions, but at least so many.
_EVERY, _LEAST = 10, 2


def usual_checks(questions: int) -> int:
    """How many checks a sheet gets unless it is said: one for ten questions, at least two."""
    return max(_LEAST, -(-questions // _EVERY))


def attention_checks(
    asked: Sequence[ComparedPair], spare: Sequence[ComparedPair], count: int, rng: np.random.Generator
) -> list[Planted]:
    """Explanations beside those of another item and beside empty talk, in turn, from both sets in turn, none twice.

    Args:
        asked: Pairs that are compared; used again only where there are no others.
        spare: Other pairs.
        count: How many checks; fewer, if there are too few pairs.
        rng: Source of chance.
    """
    again = [asked[place] for place in rng.permutation(len(asked))]
    return plant_in_turn([*spare, *again], [*asked, *spare], count, empty_talk, rng)


def fails(passed: int, checks: int) -> bool:
    """Whether an annotator who passed so many checks is set aside."""
    return checks > 0 and (checks - passed) / checks > TOLERATED
