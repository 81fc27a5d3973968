"""The Yelp Open Dataset: JSON lines of reviews and of businesses (https://www.yelp.com/dataset)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from recbole_curec.data.prepare.fitting import objects_in_layout
from recbole_curec.data.prepare.labels import parts_of
from recbole_curec.data.prepare.source import COLUMNS, SOURCES, Kind, RawItem, RawReview, RawSource


@SOURCES.register
class YelpSource(RawSource):
    """Reviews and businesses of Yelp.

    A business's own ``stars`` and ``review_count`` are left out: they are made of all reviews, held-out ones as well.
    """

    name: ClassVar[str] = "yelp"
    item_columns: ClassVar[dict[str, str]] = {"title": "token_seq", "city": "token", "category": "token"}
    fields: ClassVar[Mapping[Kind, Sequence[tuple[str, ...]]]] = {
        "reviews": (("user_id", "business_id", "stars", "date"),),
        "items": (("business_id", "name"),),
    }

    def columns(self, path: Path) -> Mapping[str, str]:
        """All but a headline, which Yelp does not have."""
        return {name: kind for name, kind in COLUMNS.items() if name != "summary"}

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The reviews in the order of the file."""
        for line, _ in objects_in_layout(type(self), "reviews", path):
            ids = line.id("user_id"), line.id("business_id")
            yield RawReview(*ids, line.number_of("stars"), line.seconds("date"), "", line.text("text"))

    def items(self, path: Path) -> Iterator[RawItem]:
        """The businesses; their categories are one text with commas."""
        for line, _ in objects_in_layout(type(self), "items", path):
            texts: dict[str, str | list[str]] = {"title": line.text("name"), "city": line.text("city")}
            yield RawItem(line.id("business_id"), {**texts, "category": parts_of(line.text("categories"), ",")})
