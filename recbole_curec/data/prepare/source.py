"""The interface of raw sources: readers of one publisher's files, found by name.

To add a source is to add one file beside this one, with a class that derives from :class:`RawSource` and is
registered: ``@SOURCES.register``. What follows the reading (duplicates, k-core, cleaning, order) is the same for all.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from recbole_curec.data.atomic_file import PADDING
from recbole_curec.errors import DataError, shown
from recbole_curec.extensions import ExtensionPoint

_LONGEST = 80


class RawReview(NamedTuple):
    """One review as its file has it: ids and numbers are checked, texts are not cleaned.

    Attributes:
        user: Id of the user.
        item: Id of the item.
        rating: The rating on its own scale.
        time: Seconds, or any other number that grows with time.
        summary: Headline; empty where there is none.
        review: The text; empty where there is none.
    """

    user: str
    item: str
    rating: float
    time: float
    summary: str
    review: str


class RawItem(NamedTuple):
    """What a metadata file says of one item.

    Attributes:
        item: Id of the item.
        texts: Texts by column, not cleaned; a list where an item has several values.
    """

    item: str
    texts: dict[str, str | list[str]]


class RawSource(ABC):
    """A reader of the raw files of one publisher.

    Attributes:
        name: Name in ``--source``.
        item_columns: Columns of the item file that a metadata file may give, with their types of atomic files.
    """

    name: ClassVar[str]
    item_columns: ClassVar[dict[str, str]]

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

    def text(self, key: str) -> str:
        """The value of a key as text; empty where there is none.

        Raises:
            DataError: It is neither a text nor missing.
        """
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        raise self._wrong(key, "it must be a text")

    def _wrong(self, key: str, why: str) -> DataError:
        has = f"{key} is {shown(self.values[key], _LONGEST)}" if key in self.values else f"there is no {key}"
        return DataError(f"{self.path}, line {self.number}: {has}: {why}; correct or remove that line.")
