"""What is told of recommended items beside their scores: the contract of what tells it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recbole_curec.data.collected import Collected
from recbole_curec.explanations.explained import VectorReviews
from recbole_curec.ranking.reranker import Moved
from recbole_curec.reasons.store import ReasonRecord


@dataclass(frozen=True)
class Told:
    """What is told of one recommended item.

    Attributes:
        record: Its reason; None in a run that writes none.
        reviews: The reviews that vectors were made of; None where they are made of none.
    """

    record: ReasonRecord | None = None
    reviews: VectorReviews | None = None


class Teller(ABC):
    """Tells of users and items why these may go together.

    Attributes:
        collected: The items it can tell of, and the training history.
    """

    collected: Collected

    @abstractmethod
    def tell(
        self,
        pairs: Sequence[tuple[str, str]],
        histories: Mapping[str, Sequence[str]],
        moves: Mapping[str, Mapping[str, Moved]],
    ) -> list[Told]:
        """What is told of every pair.

        Args:
            pairs: User and item, original ids.
            histories: What the users have taken by now, original item ids, oldest first.
            moves: What the ranker did to a user's items.
        """
