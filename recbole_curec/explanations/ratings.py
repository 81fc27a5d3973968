"""A predicted rating and the past statements it rests on, as data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.terminal import printable_line

Side = Literal["user", "item"]
Split = Literal["training", "validation", "test"]
# A change that two decimals do not show is no reason.
_SHOWN = 0.005


@dataclass(frozen=True, kw_only=True)
class Statement(QuotedReview):
    """A past training review that a rating rests on.

    Attributes:
        side: Whether it is one of the user's past reviews or one of the item's.
        change: By how much the predicted rating is higher with it than without it.
    """

    side: Side
    change: float

    @property
    def moves(self) -> bool:
        """Whether two decimals show its change."""
        return abs(self.change) >= _SHOWN


@dataclass(frozen=True)
class RatedPair:
    """A predicted rating with its parts.

    Attributes:
        user: Original user id.
        item: Original item id.
        rating: Predicted rating, on the scale of the training ratings.
        mean: Mean of the training ratings.
        user_bias: How much higher the user rates than others.
        item_bias: How much higher the item is rated than others.
        added: What ids and past reviews add; the four parts sum to the rating before it is cut to the scale.
        statements: The past reviews of both sides, the one that changes the rating most first.
        true_rating: What the user gave, where the data hold it; the prediction of a held-out row does not know it.
        split: The split that it is from: with ``training`` the model learnt from it.
    """

    user: str
    item: str
    rating: float
    mean: float
    user_bias: float
    item_bias: float
    added: float
    statements: tuple[Statement, ...]
    true_rating: float | None = None
    split: Split | None = None

    def reason(self, titles: Mapping[str, str], most: int = 2) -> str:
        """Why the rating is predicted: what moves it most, in words that say nothing else.

        Args:
            titles: Title by item id; an item without one is called by its id.
            most: Statements quoted, at most.
        """
        moving = [told for told in self.statements if told.moves][:most]
        if not moving:
            return f"{self.rating:.1f}: no past review changes it; {self._biases()}."
        told = "; ".join(f"{_whose(one, titles)} {one.words()} ({one.change:+.2f})" for one in moving)
        return f"{self.rating:.1f}: {told}; {self._biases()}."

    def _biases(self) -> str:
        return (
            f"ratings are {self.mean:.1f} on average, this user's {self.user_bias:+.2f} and this item's "
            f"{self.item_bias:+.2f}"
        )

    def as_row(self, titles: Mapping[str, str]) -> dict[str, Any]:
        """The pair as one row of a table, with its reason."""
        return {**asdict(self), "statements": [asdict(one) for one in self.statements], "reason": self.reason(titles)}


def _named(item: str, titles: Mapping[str, str]) -> str:
    return f"{item} ({titles[item]})" if titles.get(item) else item


def _whose(told: Statement, titles: Mapping[str, str]) -> str:
    if told.side == "item":
        return f"user {told.user}, who rated it {told.rating:g},"
    return f'of "{titles.get(told.item, told.item)}", rated {told.rating:g}, the user'


def _when(told: Statement) -> str:
    return f" on {told.date}" if told.date else ""


def rating_block(pair: RatedPair, titles: Mapping[str, str], most: int) -> str:
    """A predicted rating with its parts and the statements it rests on, for a terminal.

    Args:
        pair: The prediction.
        titles: Title by item id.
        most: Statements shown, at most.
    """
    given = "" if pair.true_rating is None else f"; rated {pair.true_rating:g} in the {pair.split} split"
    lines = [
        f"user {pair.user}, item {_named(pair.item, titles)}: {pair.rating:.2f}{given}",
        f"  parts     mean {pair.mean:.2f}, user {pair.user_bias:+.2f}, item {pair.item_bias:+.2f}, ids and past "
        f"reviews {pair.added:+.2f}",
    ]
    shown = pair.statements[:most]
    for number, told in enumerate(shown):
        about = f"of {_named(told.item, titles)}" if told.side == "user" else f"by {told.user}"
        head = "without" if number == 0 else ""
        lines.append(
            f"  {head:<9} {told.change:+.3f}  {told.side}'s review {about}, rated {told.rating:g}"
            f"{_when(told)}: {told.words()}"
        )
    if not shown:
        lines.append("  without   no past review is read for it")
    lines.append(f"  reason    {pair.reason(titles)}")
    # Ids, titles and reviews are untrusted text: they must not add lines or move the cursor.
    return "\n".join(printable_line(line) for line in lines)
