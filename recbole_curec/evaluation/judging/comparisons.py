"""Which comparisons are put to the judge: drawn pairs of like length, and planted ones whose right answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recbole_curec.evaluation.compared_pairs import ComparedPair, drawn
from recbole_curec.evaluation.judging.prompts import judge_prompt
from recbole_curec.evaluation.planted_sides import PlantedKind, generic_praise, plant_in_turn
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.words import word_count


@dataclass(frozen=True)
class Comparison:
    """Two explanations that are put to the judge, in both orders.

    Attributes:
        pair: The user and the item.
        texts: The explanations: of the first and of the second set, or the right and the planted worse one.
        planted: What is wrong with the second one; None for a comparison of the sets.
    """

    pair: ComparedPair
    texts: tuple[str, str]
    planted: PlantedKind | None = None

    def prompts(self) -> list[list[Message]]:
        """The question in the order of the texts, and in the other one."""
        first, second = self.texts
        return [judge_prompt(self.pair, first, second), judge_prompt(self.pair, second, first)]


@dataclass(frozen=True)
class Chosen:
    """What is put to the judge.

    Attributes:
        sets: Comparisons of the two sets.
        planted: Comparisons with a planted worse side.
        unmatched: Pairs set aside because one explanation is much longer than the other.
    """

    sets: tuple[Comparison, ...]
    planted: tuple[Comparison, ...]
    unmatched: int


def choose(pairs: Sequence[ComparedPair], *, count: int, planted: int, length_factor: float, seed: int) -> Chosen:
    """Draw pairs of like length and plant worse sides in others, or in the same where there are too few.

    Args:
        pairs: Pairs that both sets explain.
        count: Pairs to draw; all, if there are fewer.
        planted: Comparisons with a planted worse side; fewer, if there are too few pairs.
        length_factor: How many times the shorter one's words the longer one may have.
        seed: Seed of the draw.
    """
    shuffled = drawn(pairs, seed)
    matched = [pair for pair in shuffled if _length_ratio(pair) <= length_factor]
    taken = matched[:count]
    names = {(pair.user, pair.item) for pair in taken}
    candidates = [*(pair for pair in shuffled if (pair.user, pair.item) not in names), *taken]
    rng = np.random.default_rng([seed, 6, 4])
    return Chosen(
        tuple(Comparison(pair, pair.texts) for pair in taken),
        tuple(
            Comparison(made.pair, (made.right, made.wrong), made.kind)
            for made in plant_in_turn(candidates, candidates, planted, generic_praise, rng)
        ),
        len(shuffled) - len(matched),
    )


def _length_ratio(pair: ComparedPair) -> float:
    lengths = sorted(max(1, word_count(text)) for text in pair.texts)
    return lengths[1] / lengths[0]
