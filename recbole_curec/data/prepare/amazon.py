"""Amazon review files and all that are written like them: JSON lines, with the keys of 2014 and 2018 or of 2023.

Ni, Li and McAuley: Justifying recommendations using distantly-labeled reviews and fine-grained aspects (EMNLP 2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.data.prepare.source import SOURCES, RawItem, RawLine, RawReview, RawSource
from recbole_curec.errors import DataError

_MOST_KEYS = 20


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


_LAYOUTS = (
    _Keys("reviewerID", "asin", "overall", "unixReviewTime", "summary", "reviewText"),
    _Keys("user_id", "parent_asin", "rating", "timestamp", "title", "text", ticks=1000),
)
_ITEM_IDS = ("parent_asin", "asin")
# Keys that give a column of the item file, the best first.
_ITEM_KEYS = {
    "title": ("title",),
    "year": ("year",),
    "brand": ("brand", "store"),
    "category": ("category", "categories"),
    "description": ("description",),
}
# Columns of labels; of the others, several texts are paragraphs of one.
_LABELS = ("category",)


@SOURCES.register
class AmazonSource(RawSource):
    """Reviews and metadata of Amazon, of any year, and other data with the same keys."""

    name: ClassVar[str] = "amazon"
    # A list of labels is one token to RecBole, which would split a token_seq at the blanks within the labels.
    item_columns: ClassVar[dict[str, str]] = {
        "title": "token_seq",
        "year": "token",
        "brand": "token",
        "category": "token",
        "description": "token_seq",
    }

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The reviews in the order of the file; its first line says which keys it has."""
        keys: _Keys | None = None
        for number, values in json_lines(path):
            line = RawLine(path, number, values)
            keys = keys or _layout(line)
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
        key: str | None = None
        for number, values in json_lines(path):
            line = RawLine(path, number, values)
            key = key or _item_id(line)
            texts = {column: _texts(values, keys) for column, keys in _ITEM_KEYS.items()}
            yield RawItem(
                line.id(key), {name: found if name in _LABELS else " ".join(found) for name, found in texts.items()}
            )


def _layout(line: RawLine) -> _Keys:
    for keys in _LAYOUTS:
        if all(key in line.values for key in keys.needed):
            return keys
    wanted = " or ".join(", ".join(keys.needed) for keys in _LAYOUTS)
    raise DataError(
        f"{line.path}, line {line.number} is no review of --source={AmazonSource.name}, which needs the keys {wanted}: "
        f"it has {_names(line)}; give the file of reviews, or another source."
    )


def _item_id(line: RawLine) -> str:
    key = next((key for key in _ITEM_IDS if key in line.values), None)
    # Reviews have ids of items as well, and those of 2023 a title, which is no item's.
    if key is None or any(keys.user in line.values for keys in _LAYOUTS):
        raise DataError(
            f"{line.path}, line {line.number} is no metadata of --source={AmazonSource.name}, which has one of the "
            f"keys {', '.join(_ITEM_IDS)} and no user: it has {_names(line)}; give the metadata "
            "file, or leave --items out."
        )
    return key


def _names(line: RawLine) -> str:
    names = list(line.values)
    return ", ".join(names[:_MOST_KEYS]) + (", ..." if len(names) > _MOST_KEYS else "") if names else "none"


def _texts(values: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    """The texts of the first key that has any."""
    return next((texts for texts in (list(_flat(values.get(key))) for key in keys) if texts), [])


def _flat(value: Any) -> Iterator[str]:
    """The texts and numbers in a value, which may be a list of lists."""
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        yield str(value)
