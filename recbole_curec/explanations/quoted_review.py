"""A training review as explanations quote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class QuotedReview:
    """A training review, and what it says in its own words.

    Attributes:
        user: Original id of who wrote it.
        item: Original id of what it is about.
        rating: The rating that came with it.
        praise: What it praises, as its chain quotes it.
        blame: What it blames, as its chain quotes it.
        beginning: How the review begins.
        date: Its day, ``2014-03-04`` in UTC; None where the data hold no times that are dates.
    """

    user: str
    item: str
    rating: float
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    beginning: str
    date: str | None = None

    def words(self) -> str:
        """What it says, in one line: what it praises and blames, or how it begins if its chain names nothing."""
        sides = (("praised", self.praise), ("blamed", self.blame))
        said = [f"{verb} {', '.join(_quoted(quotes))}" for verb, quotes in sides if quotes]
        return " and ".join(said) or (f"wrote {_quoted([self.beginning])[0]}" if self.beginning else "wrote no text")


def _quoted(quotes: Sequence[str]) -> list[str]:
    return [f'"{quote}"' for quote in quotes]
