"""The item catalog: name, attribute labels and text of every item, read from RecBole's ``.item`` file.

RecBole itself turns text columns into token ids (and, with its default ``load_col``, does not load the file at all),
so the catalog reads the file directly and joins on the original item id.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.data.atomic_file import TEXT_TYPES, read_atomic_file
from recbole_curec.data.cleaning import clean_label, shorten
from recbole_curec.data.item_columns import ItemColumn
from recbole_curec.data.matching_ids import check_matching
from recbole_curec.data.titles import in_reading_order
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.extensions import LANGUAGES
from recbole_curec.settings.sections import CollectSettings

logger = logging.getLogger(__name__)

_TITLE_HINTS = ("title", "name")


@dataclass(frozen=True)
class Catalog:
    """Names, attribute values and full text of items; index 0 is padding.

    Attributes:
        tokens: Original item ids, sorted, shape ``(n_items,)``.
        names: Short display name of each item, in reading order.
        attributes: Attribute labels of each item, in file order, without duplicates.
        texts: Full cleaned text of each item, for encoders; titles as the item file has them.
        language: Code of the language that reasons are written in, which the labels of years are in as well.
        noun: What several items are called, such as "movies"; empty if it is not known.
    """

    tokens: tuple[str, ...]
    names: tuple[str, ...]
    attributes: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    language: str = "en"
    noun: str = ""

    @property
    def n_items(self) -> int:
        """Number of items, padding included."""
        return len(self.tokens)

    @cached_property
    def index(self) -> dict[str, int]:
        """Catalog index by original item id."""
        return {token: position for position, token in enumerate(self.tokens) if position}

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every attribute label of the catalog."""
        return frozenset(label for values in self.attributes for label in values)

    @cached_property
    def name_set(self) -> frozenset[str]:
        """Every item name of the catalog."""
        return frozenset(self.names[1:])

    def frame(self) -> pd.DataFrame:
        """The catalog as a table, one row per item, padding left out."""
        return pd.DataFrame(
            {
                "item": self.tokens[1:],
                "name": self.names[1:],
                "attributes": [list(values) for values in self.attributes[1:]],
                "text": self.texts[1:],
                "language": self.language,
                "noun": self.noun,
            }
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Catalog:
        """Inverse of :meth:`frame`."""
        return cls(
            tokens=("", *frame["item"]),
            names=("", *frame["name"]),
            attributes=((), *(tuple(values) for values in frame["attributes"])),
            texts=("", *frame["text"]),
            language=str(frame["language"].iloc[0]),
            noun=str(frame["noun"].iloc[0]),
        )


def read_catalog(
    path: Path,
    item_field: str,
    train_tokens: NDArray[np.str_],
    settings: CollectSettings,
    *,
    separator: str = "\t",
    seq_separator: str = " ",
    encoding: str = "utf-8",
) -> Catalog:
    """Read the catalog of all items in the item file and of training items that are missing in it.

    Items that occur only in validation or test interactions and not in the file are left out on purpose: the catalog
    must depend only on the item file and the training split.

    Args:
        path: RecBole's ``<dataset>.item`` file.
        item_field: Column of the original item id.
        train_tokens: Original ids of the items of the training split.
        settings: Which columns to use and how long a name may be.
        separator: RecBole's ``field_separator``.
        seq_separator: RecBole's ``seq_separator``.
        encoding: Text encoding of the file.

    Raises:
        DataError: There is no item text at all, or fewer than half of the training items have a row.
        ConfigurationError: A named column does not exist.
    """
    table, types, fields = _read_table(path, item_field, settings, separator, encoding)
    title = _title_field(fields, settings, path)
    table = table.sort_values(item_field, kind="stable")
    language = LANGUAGES.find(settings.language)
    noun = settings.item_noun or language.plural_of(_noun_in(title))

    columns = [
        ItemColumn(
            name,
            table[name].tolist(),
            seq_separator if types[name] == "token_seq" else None,
            is_title=name == title,
        )
        for name in fields
    ]
    names, attributes, texts = [""], [()], [""]  # type: list[str], list[tuple[str, ...]], list[str]
    tokens = ["", *table[item_field]]
    for row in range(len(table)):
        full_title = next(column.title(row) for column in columns if column.kind == "title")
        names.append(shorten(in_reading_order(full_title), settings.title_words) or name_from_id(tokens[row + 1]))
        labels = dict.fromkeys(label for column in columns if column.has_labels for label in column.labels(row))
        attributes.append(tuple(dict.fromkeys(label.said(language, noun) for label in labels if label.is_told)))
        prose = [column.text(row) for column in columns if column.kind == "prose"]
        texts.append(". ".join(part for part in (full_title, ", ".join(map(str, labels)), *prose) if part))
    check_matching(train_tokens.tolist(), tokens[1:], path, item_field)
    missing = sorted(set(train_tokens.tolist()) - set(tokens))
    if missing:
        logger.warning("%d training items have no row in %s (first: %s); their name is their id.",
                       len(missing), path, missing[0])  # fmt: skip
        for token in missing:
            tokens.append(token)
            names.append(name_from_id(token))
            attributes.append(())
            texts.append("")
    order = [0, *sorted(range(1, len(tokens)), key=tokens.__getitem__)]
    return Catalog(
        tokens=tuple(tokens[i] for i in order),
        names=tuple(names[i] for i in order),
        attributes=tuple(attributes[i] for i in order),
        texts=tuple(texts[i] for i in order),
        language=settings.language,
        noun=noun,
    )


def check_item_text(path: Path, item_field: str, settings: CollectSettings, separator: str, encoding: str) -> None:
    """Raise the errors of :func:`read_catalog` before anything runs.

    Raises:
        DataError: There is no item text at all.
        ConfigurationError: A named column does not exist.
    """
    _, _, fields = _read_table(path, item_field, settings, separator, encoding)
    _title_field(fields, settings, path)


def _read_table(
    path: Path, item_field: str, settings: CollectSettings, separator: str, encoding: str
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """The item file, the type of every column, and the text columns to use."""
    if not path.is_file():
        raise DataError(
            f"There is no item text: {path} does not exist; CURec needs an item file with at least one text column "
            "(set fusion: none to train without reasons)."
        )
    found = read_atomic_file(path, separator, encoding)
    types, table = found.types, found.frame(item_field)
    fields = _text_fields(types, item_field, settings, path)
    if not any(text.strip() for name in fields for text in table[name]):
        raise DataError(f"There is no item text: the text columns {fields} of {path} are empty in every row.")
    return table, types, fields


def name_from_id(token: str) -> str:
    """What an item is called that nothing else names."""
    return clean_label(f"item {token}")


def _text_fields(types: dict[str, str], item_field: str, settings: CollectSettings, path: Path) -> list[str]:
    available = [name for name, kind in types.items() if kind in TEXT_TYPES and name != item_field]
    if settings.item_text_fields is None:
        if not available:
            raise DataError(
                f"There is no item text: {path} has no token or token_seq column beside {item_field!r}: add one, "
                "or set collect.item_text_from: reviews where the interaction file has reviews."
            )
        return available
    for name in settings.item_text_fields:
        if name not in available:
            raise ConfigurationError(
                f"item_text_fields names {name!r}, which is no text column of {path}: use some of {available}."
            )
    return settings.item_text_fields


def _noun_in(title: str) -> str:
    """The word that the title's column has before "title" or "name", as in ``movie_title``; empty if it has none."""
    words = title.lower().split("_")
    before = next((words[:place] for place, word in enumerate(words) if word in _TITLE_HINTS), [])
    return before[-1] if before and before[-1] != "item" else ""


def _title_field(fields: list[str], settings: CollectSettings, path: Path) -> str:
    if settings.item_title_field is not None:
        if settings.item_title_field not in fields:
            raise ConfigurationError(
                f"item_title_field={settings.item_title_field!r} is no text column of {path}: use one of {fields}."
            )
        return settings.item_title_field
    hinted = [name for name in fields if any(hint in name.lower() for hint in _TITLE_HINTS)]
    return (hinted or fields)[0]
