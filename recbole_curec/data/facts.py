"""Facts that support a target, their levels, and which of them are worth telling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FactKind = Literal["similar", "attribute", "together", "popularity"]
Level = Literal["weak", "fair", "strong"]
LEVELS: tuple[Level, ...] = ("weak", "fair", "strong")
# Lower bounds of the levels fair and strong: of lifts for attributes, of cosines for items.
_LEVEL_BOUNDS: dict[str, tuple[float, float]] = {"attribute": (1.4, 2.0), "similar": (0.2, 0.4), "together": (0.2, 0.4)}
# Strength of no support at all: a lift of 1, a cosine of 0.
_NO_SUPPORT: dict[str, float] = {"attribute": 1.0, "similar": 0.0, "together": 0.0}


@dataclass(frozen=True)
class Fact:
    """One verifiable statement about a user and a target.

    Attributes:
        kind: ``similar``: a history item whose other users also took the target; ``attribute``: a value of the target
            that the user over-consumes; ``together``: an item that other users often take with the target;
            ``popularity``: how widely the target is taken.
        name: The item name, attribute label or popularity word the fact is about.
        count: Other users (similar, together), or history items with the value (attribute).
        strength: Cosine similarity, lift, or popularity percentile in [0, 1].
    """

    kind: FactKind
    name: str
    count: int
    strength: float

    @property
    def level(self) -> Level:
        """The strength as a level."""
        fair, strong = _LEVEL_BOUNDS.get(self.kind, (0.6, 0.9))
        return LEVELS[(self.strength >= fair) + (self.strength >= strong)]

    @property
    def is_support(self) -> bool:
        """Whether it links the target with its user or with other items, unlike popularity."""
        return self.kind != "popularity"


def worth_telling(facts: Sequence[Fact], target: str) -> tuple[Fact, ...]:
    """The supporting facts without weak ones; where all are weak, the strongest, which makes a guess and no more.

    Args:
        facts: Facts of the kinds similar, attribute and together, in order.
        target: Name of the target; another item of the same name is no support that a reader could understand.
    """
    others = [fact for fact in facts if fact.name != target or fact.kind == "attribute"]
    good = tuple(fact for fact in others if fact.level != "weak")
    return good or tuple(sorted(others, key=_share_of_fair, reverse=True)[:1])


def _share_of_fair(fact: Fact) -> float:
    """How far a weak fact is on the way to the level fair, which compares lifts with cosines."""
    least = _NO_SUPPORT[fact.kind]
    return (fact.strength - least) / (_LEVEL_BOUNDS[fact.kind][0] - least)
