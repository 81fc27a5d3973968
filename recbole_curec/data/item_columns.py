"""The text columns of an item file: what kind each is, and what it says of an item."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from recbole_curec.data.cleaning import clean_label, clean_text
from recbole_curec.data.label_lists import read_column

Kind = Literal["title", "brand", "attribute", "prose"]
# Words of a column's name that say its kind, whatever its cells are.
_BRANDS = frozenset({"brand", "brands", "manufacturer"})
_PROSE = frozenset({"description", "descriptions", "plot", "summary", "synopsis", "overview", "about", "abstract"})
_PATHS = ("categor", "department")
# A token_seq column with more distinct values than this share of its rows is prose, not a set of attribute values.
_PROSE_SHARE = 0.3
# So is one whose cells have more single words than this: a large catalogue has more items than its prose has words.
_MOST_SINGLE_WORDS = 12
_FEW_VALUES = 20
# Longest text of a column, in words: about what text encoders read.
_MOST_WORDS = 256
# A category that is longer, in words, is a sentence that slipped in among them.
_MOST_LABEL_WORDS = 6
_YEAR = re.compile(r"(1[5-9]|20)\d\d")


@dataclass(frozen=True)
class Label:
    """An attribute value with its column; as text a bare number, unclear by itself, is ``release year 1995``.

    Attributes:
        column: Name of the column, in words.
        value: The value, cleaned.
        kind: Kind of the column.
        is_told: Whether it is an attribute of the item, and not only a part of its text.
    """

    column: str
    value: str
    kind: Kind = "attribute"
    is_told: bool = True

    def __str__(self) -> str:
        return f"{self.column} {self.value}" if self.value.replace(".", "").isdigit() else self.value

    def said(self, language: Any, noun: str) -> str:
        """The label as a reason may say it: a year becomes "movies from 1995", a brand "products by Fender"."""
        if self.kind == "brand":
            return str(language.branded(noun, self.value))
        if "year" in self.column.lower().split() and _YEAR.fullmatch(self.value):
            return str(language.dated(noun, self.value))
        return str(self)


class ItemColumn:
    """One text column of the item file.

    Args:
        name: Its name.
        values: Its cells.
        separator: What separates the values of a ``token_seq`` column; None for one of single values.
        is_title: Whether it names the items.
    """

    def __init__(self, name: str, values: Sequence[str], separator: str | None, *, is_title: bool) -> None:
        self.name = clean_text(name.replace("_", " "))
        self._texts: Sequence[str] = values
        self.kind: Kind = "title"
        if is_title:
            return
        labels, self._texts = read_column(name, values, separator)
        self._labels = [[value for part in cell if (value := clean_label(part))] for cell in labels]
        self.kind = self._kind_of()
        self._used = Counter(value for cell in self._labels for value in dict.fromkeys(cell))
        self._filled = sum(1 for cell in self._labels if cell)

    @property
    def has_labels(self) -> bool:
        """Whether it holds values that several items can have."""
        return self.kind in ("brand", "attribute")

    def title(self, row: int) -> str:
        """The cleaned text of a cell, whole."""
        return clean_text(self._texts[row])

    def text(self, row: int) -> str:
        """The cleaned text of a cell, at most as long as encoders read."""
        words = clean_text(self._texts[row]).split(" ")
        return " ".join(words[:_MOST_WORDS])

    def labels(self, row: int) -> list[Label]:
        """The values of a cell."""
        return [Label(self.name, value, self.kind, self._is_told(value)) for value in self._labels[row]]

    def _kind_of(self) -> Kind:
        words = set(self.name.lower().split())
        if words & _BRANDS:
            return "brand"
        if words & _PROSE:
            return "prose"
        filled = [cell for cell in self._labels if cell]
        distinct = {value for cell in filled for value in cell}
        single = sum(" " not in value for cell in filled for value in cell)
        if len(distinct) > max(_FEW_VALUES, _PROSE_SHARE * len(self._labels)):
            return "prose"
        is_running = len(distinct) > _FEW_VALUES and single > _MOST_SINGLE_WORDS * len(filled)
        return "prose" if is_running else "attribute"

    def _is_told(self, value: str) -> bool:
        """Whether a value is an attribute: a brand of one item, and what every item has, tell nothing."""
        if self.kind == "brand":
            return self._used[value] > 1
        if not any(hint in self.name.lower() for hint in _PATHS):
            return True
        is_root = self._filled > _FEW_VALUES and self._used[value] == self._filled
        return not is_root and len(value.split(" ")) <= _MOST_LABEL_WORDS
