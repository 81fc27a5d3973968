"""Explanations that must lose a comparison: about another item, empty talk, praise without a claim.

They tell a judge, or an annotator, who reads from one who does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from recbole_curec.evaluation.compared_pairs import ComparedPair
from recbole_curec.reasons.words import word_count

PlantedKind = Literal["wrong item", "empty talk", "generic praise"]
# Nobody who reads prefers these.
_EMPTY = (
    "Some things are some things, and then again there are other things.",
    "This is a sentence, and after this sentence there may be another sentence.",
    "It is what it is, as things generally are what they are.",
    "Words follow words here until there are no more words to follow them.",
)
_PRAISE = (
    "You will surely love it.",
    "It is great in every way.",
    "It is well worth your time.",
    "There is nothing quite like it.",
    "It is a fantastic choice for you.",
    "You will not regret it.",
    "It is simply wonderful.",
    "It will make your day.",
)


@dataclass(frozen=True)
class Planted:
    """A comparison whose right answer is known.

    Attributes:
        pair: The user and the item; its own texts are not shown.
        kind: What is wrong with the worse side.
        right: An explanation of this pair.
        wrong: The worse side.
    """

    pair: ComparedPair
    kind: PlantedKind
    right: str
    wrong: str


def plant_in_turn(
    pairs: Sequence[ComparedPair],
    others: Sequence[ComparedPair],
    count: int,
    otherwise: Callable[[ComparedPair, int, np.random.Generator], Planted],
    rng: np.random.Generator,
) -> list[Planted]:
    """Worse sides about another item and of a second kind, in turn, from both sets in turn, none of them twice.

    Args:
        pairs: Where they are planted, the first ones first.
        others: Pairs whose explanations may be taken.
        count: How many; fewer, if every pair has every kind from both sets.
        otherwise: Makes the second kind, which also stands where no other item can be.
        rng: Source of chance.
    """
    found: dict[tuple[str, str, int, PlantedKind], Planted] = {}
    for pair, side, foreign in _turns(pairs):
        if len(found) == count:
            break
        made = plant(pair, others, side, rng) if foreign else None
        made = made or otherwise(pair, side, rng)
        found.setdefault((pair.user, pair.item, side, made.kind), made)
    return list(found.values())


def _turns(pairs: Sequence[ComparedPair]) -> Iterator[tuple[ComparedPair, int, bool]]:
    """Every pair with both sets and both kinds; all pairs once, before the first one has its second turn."""
    for again in range(4):
        for place, pair in enumerate(pairs):
            turn = (place + again) % 4
            yield pair, turn // 2, turn % 2 == 0


def plant(pair: ComparedPair, others: Sequence[ComparedPair], side: int, rng: np.random.Generator) -> Planted | None:
    """An explanation beside that of another item, by the same system and nearly as long.

    The right one names its item, and the wrong one names its own and not this one, so nobody who reads can mistake
    them.

    Args:
        pair: The user and the item.
        others: Pairs whose explanations may be taken.
        side: The set, 0 or 1, both explanations are from.
        rng: Source of chance.

    Returns:
        None where titles are not known, or no explanation names them.
    """
    right = pair.texts[side]
    if pair.context is None or not _names(right, pair.title):
        return None
    foreign = [
        other.texts[side]
        for other in others
        if other.item != pair.item
        and other.context is not None
        and _names(other.texts[side], other.title)
        and not _names(other.texts[side], pair.title)
    ]
    if not foreign:
        return None
    length = word_count(right)
    apart = np.array([abs(word_count(text) - length) for text in foreign])
    nearest = np.flatnonzero(apart == apart.min())
    return Planted(pair, "wrong item", right, foreign[int(rng.choice(nearest))])


def empty_talk(pair: ComparedPair, side: int, rng: np.random.Generator) -> Planted:
    """An explanation of a set, 0 or 1, beside a sentence that says nothing."""
    return Planted(pair, "empty talk", pair.texts[side], _EMPTY[int(rng.integers(len(_EMPTY)))])


def generic_praise(pair: ComparedPair, side: int, rng: np.random.Generator) -> Planted:
    """An explanation of a set, 0 or 1, beside praise of any item, about as long."""
    length = word_count(pair.texts[side])
    praise = ""
    for place in rng.permutation(len(_PRAISE)):
        longer = f"{praise} {_PRAISE[place]}".strip()
        if praise and abs(word_count(longer) - length) > abs(word_count(praise) - length):
            break
        praise = longer
    return Planted(pair, "generic praise", pair.texts[side], praise)


def _names(text: str, title: str) -> bool:
    return title.casefold() in text.casefold()
