"""Statements: sentences of other users' training reviews of an item, as evidence and by whom they are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Statement:
    """A sentence of another user's training review of the target; who wrote it is kept nowhere in evidence.

    Attributes:
        text: The sentence exactly as the cleaned review has it, without the mark at its end.
    """

    text: str


class StatementChooser(Protocol):
    """Chooses statements about an item for a user."""

    def quotable(self, user: int, item: int, position: int | None, count: int) -> tuple[Statement, ...]:
        """The best statements that a reason may quote.

        Args:
            user: User of the training history, 0 for one who was not in training.
            item: The target, in the training history's ids.
            position: Number of the user's training interactions before the target; None for a recommendation of now,
                for which every training review of the item was written before.
            count: Most statements.
        """
        ...
