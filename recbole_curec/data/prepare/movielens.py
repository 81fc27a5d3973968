"""MovieLens in all its sizes: ratings, movies and tags, from the 100k of 1998 to the 32M of 2024.

Harper and Konstan: The MovieLens datasets: history and context (ACM TiiS 2015).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.prepare.delimited import delimited_rows, fields_of
from recbole_curec.data.prepare.fitting import lines_in_layout, objects_in_layout, rows_in_layout
from recbole_curec.data.prepare.labels import parts_of
from recbole_curec.data.prepare.raw_lines import first_text
from recbole_curec.data.prepare.source import COLUMNS, SOURCES, Kind, RawItem, RawLine, RawReview, RawSource, RawTag
from recbole_curec.errors import DataError

_RATINGS = ("userId", "movieId", "rating", "timestamp")
_MOVIES = ("movieId", "title", "genres")
_TAGS = ("userId", "movieId", "tag", "timestamp")
# The genres of u.item in the order of its last columns, of which each holds 0 or 1.
_GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
_FLAGS = ("movieId", "title", "released", "video_released", "url", *_GENRES)
_NO_GENRE = ("(no genres listed)", "unknown")
# "Toy Story (1995)"; series have two years, "(2006-2010)", or an open end.
_WITH_YEAR = re.compile(r"(.*\S)\s*\((\d{4})(?:[-\u2013](?:\d{4})?)?\)")
# Of the files of older sets, some are Latin-1.
_SPARE = "latin-1"


@SOURCES.register
class MovieLensSource(RawSource):
    """Ratings (``u.data``, ``ratings.dat``, ``ratings.csv``), movies and the tags that users gave them.

    Tags stand with the rating of their user, as a review would: what all say of a movie holds held-out words as well.
    """

    name: ClassVar[str] = "movielens"
    item_columns: ClassVar[dict[str, str]] = {"title": "token_seq", "year": "token", "category": "token"}
    reads: ClassVar[tuple[str, ...]] = ("tags",)
    fields: ClassVar[Mapping[Kind, Sequence[tuple[str, ...]]]] = {"reviews": (_RATINGS,), "items": (_MOVIES,)}

    def columns(self, path: Path) -> Mapping[str, str]:
        """Ratings and times; there are no texts."""
        return {name: COLUMNS[name] for name in ("rating", "timestamp")}

    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The ratings in the order of the file."""
        for line in self._lines(path, "reviews", _RATINGS):
            ids = line.id("userId"), line.id("movieId")
            yield RawReview(*ids, line.number_of("rating"), line.number_of("timestamp"), "", "")

    def items(self, path: Path) -> Iterator[RawItem]:
        """The movies; the year at the end of a title becomes a column."""
        flags = len(fields_of(first_text(path), "|", quotes=False)) == len(_FLAGS)
        for line in self._flagged(path) if flags else self._lines(path, "items", _MOVIES):
            title = line.text("title").strip()
            dated = _WITH_YEAR.fullmatch(title)
            genres = [genre for genre in parts_of(line.text("genres"), "|") if genre not in _NO_GENRE]
            texts: dict[str, str | list[str]] = {
                "title": dated[1] if dated else title,
                "year": dated[2] if dated else "",
                "category": genres,
            }
            yield RawItem(line.id("movieId"), texts)

    def tags(self, path: Path) -> Iterator[RawTag]:
        """The tags in the order of the file."""
        for number, values in _rows(path, _TAGS):
            line = RawLine(path, number, values)
            if not line.has(_TAGS):
                raise DataError(
                    f"{path}, line {number} is no tag, which needs the keys {', '.join(_TAGS)}: it has {line.names()}; "
                    "give tags.csv or tags.dat, or leave --tags out."
                )
            yield RawTag(line.id("userId"), line.id("movieId"), line.text("tag"), line.number_of("timestamp"))

    def _lines(self, path: Path, kind: Kind, columns: tuple[str, ...]) -> Iterator[RawLine]:
        own, start = type(self), first_text(path)
        if start.startswith("{"):
            lines = objects_in_layout(own, kind, path)
        elif _separator(start) is None:
            lines = rows_in_layout(own, kind, path)
        else:
            lines = lines_in_layout(own, kind, path, _rows(path, columns))
        yield from (line for line, _ in lines)

    def _flagged(self, path: Path) -> Iterator[RawLine]:
        """The lines of ``u.item``, with the genres as one text."""
        for number, values in delimited_rows(path, "|", _FLAGS, quotes=False, spare_encoding=_SPARE):
            genres = "|".join(genre for genre in _GENRES if values[genre].strip() == "1")
            yield RawLine(path, number, {**values, "genres": genres})


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a table with a header, or of one without, whose columns are known by their number."""
    start = first_text(path)
    separator = _separator(start)
    if separator is None:
        return delimited_rows(path, ",")
    found = fields_of(start, separator, quotes=False)
    names = columns if len(found) == len(columns) else tuple(f"'{field}'" for field in found)
    return delimited_rows(path, separator, names, quotes=False, spare_encoding=_SPARE)


def _separator(start: str) -> str | None:
    """What stands between the fields of a table without a header; None if it has one."""
    return next((mark for mark in ("\t", "::") if mark in start), None)
