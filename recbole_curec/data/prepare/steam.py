"""Steam reviews and games, as collected at UCSD: one Python literal or JSON object per line.

Kang and McAuley: Self-attentive sequential recommendation (ICDM 2018); files ``steam_reviews`` and ``steam_games``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from recbole_curec.data.prepare.fitting import objects_in_layout
from recbole_curec.data.prepare.labels import texts_in
from recbole_curec.data.prepare.source import COLUMNS, SOURCES, Kind, RawItem, RawLine, RawReview, RawSource
from recbole_curec.data.prepare.writing import number_field

_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")


@SOURCES.register
class SteamSource(RawSource):
    """Reviews without a rating, with the hours played; users are known by their display names.

    Tags are given by players, without a date, so that they are left out unless ``crowd_labels`` is set.
    """

    name: ClassVar[str] = "steam"
    item_columns: ClassVar[dict[str, str]] = {
        "title": "token_seq",
        "year": "token",
        "brand": "token",
        "category": "token",
    }
    reads: ClassVar[tuple[str, ...]] = ("crowd_labels",)
    fields: ClassVar[Mapping[Kind, Sequence[tuple[str, ...]]]] = {
        "reviews": (("username", "product_id", "date"),),
        "items": (("app_name", "id"),),
    }

    def columns(self, path: Path) -> Mapping[str, str]:
        """No rating and no headline, but hours."""
        return {**{name: COLUMNS[name] for name in ("timestamp", "review")}, "hours": "float"}

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The reviews in the order of the file."""
        for line, _ in objects_in_layout(type(self), "reviews", path):
            ids = line.name("username"), line.id("product_id")
            more = (_hours(line),)
            yield RawReview(*ids, None, line.seconds("date"), "", line.text("text"), more)

    def items(self, path: Path) -> Iterator[RawItem]:
        """The games; a few rows of the file have no id."""
        for line, _ in objects_in_layout(type(self), "items", path):
            values = line.values
            labels = texts_in(values.get("genres")) + (
                texts_in(values.get("tags")) if self.options.crowd_labels else []
            )
            year = _YEAR.search(line.text("release_date"))
            texts: dict[str, str | list[str]] = {
                "title": line.text("app_name") or line.text("title"),
                "year": year[0] if year else "",
                "brand": line.text("developer") or line.text("publisher"),
                "category": labels,
            }
            yield RawItem(line.id("id") if values.get("id") is not None else "", texts)


def _hours(line: RawLine) -> str:
    return number_field(line.number_of("hours")) if line.values.get("hours") is not None else ""
