"""The interface of raw sources: readers of one publisher's files, found by name.

To add a source is to add one file beside this one, with a class that derives from :class:`RawSource` and is
registered: ``@SOURCES.register``. What follows the reading (filters, k-core, cleaning, order) is the same for all.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote

from recbole_curec.data.atomic_file import PADDING
from recbole_curec.data.prepare.times import seconds_of
from recbole_curec.errors import DataError, shown
from recbole_curec.extensions import ExtensionPoint

Kind = Literal["reviews", "items"]
# Columns of the interaction file beside the ids, with their types of atomic files.
COLUMNS = {"rating": "float", "timestamp": "float", "summary": "token_seq", "review": "token_seq"}
# Columns of the item file of a source that describes products in full. A list of labels is one token to RecBole, which
# would split a token_seq at the blanks within the labels.
PRODUCT_COLUMNS = {
    "title": "token_seq",
    "year": "token",
    "brand": "token",
    "category": "token",
    "description": "token_seq",
}
_LONGEST = 80
_MOST_FIELDS = 20


class RawReview(NamedTuple):
    """One review, rating or other interaction as its file has it: ids and numbers are checked, texts are not cleaned.

    Attributes:
        user: Id of the user.
        item: Id of the item.
        rating: The rating on its own scale; None if the user gave none.
        time: Seconds, or any other number that grows with time; None if the source has no times.
        summary: Headline; empty where there is none.
        review: The text; empty where there is none.
        more: Fields of the source's further columns, in their order.
    """

    user: str
    item: str
    rating: float | None
    time: float | None
    summary: str
    review: str
    more: tuple[str, ...] = ()


class RawItem(NamedTuple):
    """What a metadata file says of one item.

    Attributes:
        item: Id of the item; empty where the file has none, so that the row is of no use.
        texts: Texts by column, not cleaned; a list where an item has several values.
    """

    item: str
    texts: dict[str, str | list[str]]


class RawTag(NamedTuple):
    """A tag that a user gave an item."""

    user: str
    item: str
    tag: str
    time: float


@dataclass(frozen=True)
class SourceOptions:
    """Options that some sources have.

    Attributes:
        columns: Columns of the file of reviews, ``user=uid,item=pid,rating=stars``.
        item_columns: Columns of the metadata file, ``item=pid,title=name``.
        separator: What stands between two fields; None finds out.
        header: Whether the first line names the columns.
        time_unit: Unit of times that are numbers: s, ms or us.
        tags: File of tags.
        authors: File of authors' names.
        crowd_labels: Whether labels without a date that users gave the items are taken as well.
    """

    columns: str | None = None
    item_columns: str | None = None
    separator: str | None = None
    header: bool = True
    time_unit: str = "s"
    tags: Path | None = None
    authors: Path | None = None
    crowd_labels: bool = False

    def given(self) -> dict[str, Any]:
        """Those that differ from the defaults."""
        return {name: value for name, value in vars(self).items() if value != getattr(SourceOptions, name)}


class RawSource(ABC):
    """A reader of the raw files of one publisher.

    Attributes:
        name: Name in ``--source``.
        item_columns: Columns of the item file that a metadata file may give, with their types of atomic files.
        reads: The options of :class:`SourceOptions` that it has; with any, its constructor gets the options.
        fields: Names of fields by which its files are known, for messages: one tuple for every layout.
    """

    name: ClassVar[str]
    item_columns: ClassVar[dict[str, str]]
    reads: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[Mapping[Kind, Sequence[tuple[str, ...]]]] = {}

    def __init__(self, options: SourceOptions | None = None) -> None:
        self.options = options or SourceOptions()

    def columns(self, path: Path) -> Mapping[str, str]:
        """Columns that a file of reviews gives beside the ids, with their types; :data:`COLUMNS` by default.

        Raises:
            DataError: The file cannot be read.
        """
        return COLUMNS

    def check(self, reviews: Path, items: Path | None) -> None:
        """Check what can be known before the files are read.

        Raises:
            ConfigurationError: An option cannot be used.
            DataError: The two files do not belong together.
        """
        return

    @abstractmethod
    def reviews(self, path: Path) -> Iterator[RawReview]:
        """The reviews in the order of the file.

        Raises:
            DataError: The file or one of its lines cannot be read.
        """

    @abstractmethod
    def items(self, path: Path) -> Iterator[RawItem]:
        """The items of a metadata file, in its order.

        Raises:
            DataError: The file or one of its lines cannot be read.
        """

    def tags(self, path: Path) -> Iterator[RawTag]:
        """The tags of a file of tags, in its order; for sources with the option ``tags``.

        Raises:
            DataError: The file or one of its lines cannot be read.
        """
        yield from ()


SOURCES: ExtensionPoint[Any] = ExtensionPoint(
    "raw source", "recbole_curec.data.prepare", "source", "recbole_curec.data.prepare.source:RawSource"
)


@dataclass(frozen=True)
class RawLine:
    """One object of a raw file, with the place it comes from for messages."""

    path: Path
    number: int
    values: dict[str, Any]

    def id(self, key: str) -> str:
        """The value of a key as an id.

        Raises:
            DataError: There is none, or it cannot be one.
        """
        value = self.values.get(key)
        found = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not found or found == PADDING or '"' in found or not found.isprintable():
            raise self._wrong(key, "an id is a whole number, or a printable text without quotation marks")
        return found

    def has(self, keys: Sequence[str]) -> bool:
        """Whether it has all of some keys."""
        return all(key in self.values for key in keys)

    def number_of(self, key: str) -> float:
        """The value of a key as a finite number.

        Raises:
            DataError: There is none, or it is no number.
        """
        value = self.values.get(key)
        try:
            found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
        except (ValueError, OverflowError):
            found = math.nan
        if not math.isfinite(found):
            raise self._wrong(key, "it must be a finite number")
        return found

    def seconds(self, key: str) -> float:
        """The value of a key, which is a date, in seconds since 1970.

        Raises:
            DataError: There is none, or it is no date.
        """
        value = self.values.get(key)
        found = seconds_of(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise self._wrong(key, "it must be a date, such as 2014-03-04 10:58:55")
        return found

    def name(self, key: str) -> str:
        """The value of a key as an id, where it is a name that people choose freely.

        What an atomic file cannot hold is written as in an address (``%22`` for a quotation mark, ``%25`` for ``%``),
        so that different names stay different ids.

        Raises:
            DataError: There is none.
        """
        value = self.values.get(key)
        if not isinstance(value, str) or not value:
            return self.id(key)
        start, end = len(value) - len(value.lstrip()), len(value.rstrip())
        found = "".join(
            character if start <= place < end and character.isprintable() and character not in '"%' else
            quote(character, safe="", errors="surrogatepass")
            for place, character in enumerate(value)
        )  # fmt: skip
        return found if found != PADDING else f"%5B{found[1:]}"

    def text(self, key: str) -> str:
        """The value of a key as text; empty where there is none.

        Raises:
            DataError: It is neither a text nor missing.
        """
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        raise self._wrong(key, "it must be a text")

    def names(self) -> str:
        """The names of the keys, for messages."""
        names = list(self.values)
        return ", ".join(names[:_MOST_FIELDS]) + (", ..." if len(names) > _MOST_FIELDS else "") if names else "none"

    def _wrong(self, key: str, why: str) -> DataError:
        has = f"{key} is {shown(self.values[key], _LONGEST)}" if key in self.values else f"there is no {key}"
        return DataError(f"{self.path}, line {self.number}: {has}: {why}; correct or remove that line.")
