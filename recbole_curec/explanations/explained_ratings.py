"""Predicted ratings of users with the past reviews they rest on, for files and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_curec.explanations.explained import ComparedModel
from recbole_curec.explanations.ratings import RatedPair


@dataclass(frozen=True)
class RatedItem:
    """An item that a user rated.

    Attributes:
        item: Original item id.
        rating: The rating, on its own scale.
    """

    item: str
    rating: float


@dataclass(frozen=True)
class RatedUser:
    """One user's predicted ratings.

    Attributes:
        user: Original user id.
        history: What the user rated, in all splits, oldest first.
        pairs: The predicted ratings.
    """

    user: str
    history: Sequence[RatedItem]
    pairs: Sequence[RatedPair]


@dataclass(frozen=True)
class ExplainedRatings:
    """The predicted ratings of some users.

    Attributes:
        dataset: Name of the dataset.
        model: Name of the model.
        titles: Title by original item id; an item without one is shown by its id.
        users: The ratings.
        models: The models of the run, the explained one first.
    """

    dataset: str
    model: str
    titles: Mapping[str, str]
    users: Sequence[RatedUser]
    models: Sequence[ComparedModel] = ()

    @property
    def pairs(self) -> list[RatedPair]:
        """All predicted ratings, by user."""
        return [pair for user in self.users for pair in user.pairs]

    def rows(self) -> list[dict[str, Any]]:
        """One mapping per user and item, for files."""
        return [pair.as_row(self.titles) for pair in self.pairs]
