"""Goodreads interactions, reviews and books, as collected at UCSD.

Wan and McAuley: Item recommendation on monotonic behavior chains (RecSys 2018).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.prepare.fitting import objects_in_layout, rows_in_layout
from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.data.prepare.raw_lines import first_text
from recbole_curec.data.prepare.source import COLUMNS, SOURCES, Kind, RawItem, RawLine, RawReview, RawSource
from recbole_curec.errors import DataError

_DATED, _NUMBERED = ("user_id", "book_id", "rating", "date_added"), ("user_id", "book_id", "is_read", "rating")
_AUTHOR = ("author_id", "name")
# Shelves that say where a reader stands with a book, and nothing about it.
_OF_READERS = frozenset({
    "to-read", "currently-reading", "read", "owned", "books-i-own", "favorites", "favourites", "wish-list", "default",
    "library", "kindle", "ebook", "ebooks", "e-book", "my-books", "my-library", "to-buy", "own-it", "i-own",
    "did-not-finish", "dnf", "abandoned", "re-read", "maybe", "audiobook", "audiobooks",
})  # fmt: skip
# A shelf of fewer readers may be one reader's own.
_FEWEST_READERS = 5


@SOURCES.register
class GoodreadsSource(RawSource):
    """Reviews, or interactions with or without dates, and books.

    Shelves are given by readers, without a date, so that they are left out unless ``crowd_labels`` is set. A book's
    average rating and its numbers of ratings and reviews are left out: they are made of held-out ones as well.
    """

    name: ClassVar[str] = "goodreads"
    item_columns: ClassVar[dict[str, str]] = {
        "title": "token_seq",
        "year": "token",
        "author": "token",
        "brand": "token",
        "category": "token",
        "description": "token_seq",
    }
    reads: ClassVar[tuple[str, ...]] = ("authors", "crowd_labels")
    fields: ClassVar[Mapping[Kind, Sequence[tuple[str, ...]]]] = {
        "reviews": (_DATED, _NUMBERED),
        "items": (("book_id", "title"),),
    }

    def columns(self, path: Path) -> Mapping[str, str]:
        """Times where the file has any, texts in a file of reviews; interactions have at most the begin of one."""
        if _is_table(path):
            return {"rating": COLUMNS["rating"]}
        first = next((line.values for line, _ in objects_in_layout(type(self), "reviews", path)), {})
        fields = {"timestamp": "date_added", "review": "review_text"}
        return {name: kind for name, kind in COLUMNS.items() if name == "rating" or fields.get(name) in first}

    def check(self, reviews: Path, items: Path | None) -> None:
        """Check that books can be told by their ids."""
        if items is not None and _is_table(reviews):
            raise DataError(
                f"items: '{items}' does not belong to '{reviews}', which numbers the books in its own way: give the "
                "interactions in JSON lines (goodreads_interactions_dedup.json.gz), or leave --items out."
            )

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The reviews in the order of the file; a rating of 0 is none."""
        lines_of = rows_in_layout if _is_table(path) else objects_in_layout
        for line, layout in lines_of(type(self), "reviews", path):
            time = line.seconds("date_added") if layout == _DATED else None
            rating = line.number_of("rating") or None
            yield RawReview(line.id("user_id"), line.id("book_id"), rating, time, "", line.text("review_text"))

    def items(self, path: Path) -> Iterator[RawItem]:
        """The books; authors have names if the file of authors was given."""
        for line, _ in objects_in_layout(type(self), "items", path):
            texts: dict[str, str | list[str]] = {
                "title": line.text("title"),
                "year": str(line.values.get("publication_year") or ""),
                "author": [self._authors.get(author, "") for author in _parts(line, "authors", "author_id")],
                "brand": line.text("publisher"),
                "category": self._shelves(line),
                "description": line.text("description"),
            }
            yield RawItem(line.id("book_id"), texts)

    @cached_property
    def _authors(self) -> dict[str, str]:
        """Names by id; none without the file of authors."""
        path = self.options.authors
        return {line.id("author_id"): line.text("name") for line in _author_lines(path)} if path else {}

    def _shelves(self, line: RawLine) -> list[str]:
        shelves = line.values.get("popular_shelves") if self.options.crowd_labels else None
        named = [shelf for shelf in shelves if isinstance(shelf, dict)] if isinstance(shelves, list) else []
        return [
            str(shelf.get("name")).replace("-", " ")
            for shelf in named
            if _count(shelf.get("count")) >= _FEWEST_READERS and shelf.get("name") not in _OF_READERS
        ]


def _is_table(path: Path) -> bool:
    """Whether the file is the table of interactions, which has no dates."""
    return first_text(path).startswith("user_id,")


def _author_lines(path: Path) -> Iterator[RawLine]:
    for number, values in json_lines(path):
        line = RawLine(path, number, values)
        if not line.has(_AUTHOR):
            raise DataError(
                f"{path}, line {number} is no author, which needs the keys {', '.join(_AUTHOR)}: it has "
                f"{line.names()}; give goodreads_book_authors.json.gz, or leave --authors out."
            )
        yield line


def _parts(line: RawLine, key: str, part: str) -> list[str]:
    found = line.values.get(key)
    named = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [str(one[part]) for one in named if part in one]


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0
