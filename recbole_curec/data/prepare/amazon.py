"""Amazon review files and all that are written like them: JSON lines, with the keys of 2014 and 2018 or of 2023.

Ni, Li and McAuley: Justifying recommendations using distantly-labeled reviews and fine-grained aspects (EMNLP 2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.prepare.fitting import objects_in_layout
from recbole_curec.data.prepare.labels import texts_in
from recbole_curec.data.prepare.source import PRODUCT_COLUMNS, SOURCES, Kind, RawItem, RawReview, RawSource


@dataclass(frozen=True)
class _Keys:
    """Keys of a review; ``ticks`` is how many units of its time are a second."""

    user: str
    item: str
    rating: str
    time: str
    summary: str
    review: str
    ticks: int = 1

    @property
    def needed(self) -> tuple[str, ...]:
        """Keys that every review must have; texts may be missing."""
        return self.user, self.item, self.rating, self.time


_LAYOUTS = {
    keys.needed: keys
    for keys in (
        _Keys("reviewerID", "asin", "overall", "unixReviewTime", "summary", "reviewText"),
        _Keys("user_id", "parent_asin", "rating", "timestamp", "title", "text", ticks=1000),
    )
}
# Keys that give a column of the item file, the best first.
_ITEM_KEYS = {
    "title": ("title",),
    "year": ("year",),
    "brand": ("brand", "store"),
    "category": ("category", "categories", "main_category"),
    "description": ("description",),
}
# Columns of labels; of the others, several texts are paragraphs of one.
_LABELS = ("category",)


@SOURCES.register
class AmazonSource(RawSource):
    """Reviews and metadata of Amazon, of any year, and other data with the same keys."""

    name: ClassVar[str] = "amazon"
    item_columns: ClassVar[dict[str, str]] = PRODUCT_COLUMNS

    fields: ClassVar[Mapping[Kind, Sequence[tuple[str, ...]]]] = {
        "reviews": tuple(_LAYOUTS),
        "items": (("parent_asin",), ("asin",)),
    }

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The reviews in the order of the file; its first line says which keys it has."""
        for line, layout in objects_in_layout(type(self), "reviews", path):
            keys = _LAYOUTS[layout]
            yield RawReview(
                line.id(keys.user),
                line.id(keys.item),
                line.number_of(keys.rating),
                line.number_of(keys.time) / keys.ticks,
                line.text(keys.summary),
                line.text(keys.review),
            )

    def items(self, path: Path) -> Iterator[RawItem]:
        """The items of the metadata file; its first line says which key is the id."""
        for line, (key,) in objects_in_layout(type(self), "items", path):
            texts = {column: _texts(line.values, keys) for column, keys in _ITEM_KEYS.items()}
            yield RawItem(
                line.id(key), {name: found if name in _LABELS else " ".join(found) for name, found in texts.items()}
            )


def _texts(values: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    """The texts of the first key that has any."""
    return next((texts for texts in (texts_in(values.get(key)) for key in keys) if texts), [])
