"""Names and text of items, from the item file, from training reviews, or from both."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from recbole_curec.data.atomic_file import read_atomic_file
from recbole_curec.data.catalog import Catalog, name_from_id, read_catalog
from recbole_curec.data.matching_ids import check_matching
from recbole_curec.data.review_names import names_from_terms
from recbole_curec.data.review_terms import Term, characteristic_terms
from recbole_curec.data.source import InteractionSource
from recbole_curec.errors import DataError
from recbole_curec.settings.sections import CollectSettings

logger = logging.getLogger(__name__)

# Most terms in the text of an item, the most characteristic first.
_MOST_TERMS = 60


def catalog_of(source: InteractionSource, settings: CollectSettings, *, progress: bool = False) -> Catalog:
    """The catalog of all items of the item file and of the training split.

    Args:
        source: Training split, item file, and reviews where item text is made of them.
        settings: Where names and text come from.
        progress: Whether progress bars are drawn.

    Raises:
        DataError: There is no item text.
        ConfigurationError: A named column does not exist.
    """
    if settings.reads_columns:
        catalog = read_catalog(
            source.item_file,
            source.item_field,
            _training_items(source),
            settings,
            separator=source.separator,
            seq_separator=source.seq_separator,
            encoding=source.encoding,
        )
    else:
        catalog = _nameless(source, settings)
    if not settings.reads_reviews:
        return catalog
    return _with_reviews(catalog, characteristic_terms(_reviews(source), progress=progress), settings)


def named_by_id(catalog: Catalog) -> int:
    """How many items are called by their id."""
    pairs = zip(catalog.names[1:], catalog.tokens[1:], strict=True)
    return sum(name == name_from_id(token) for name, token in pairs)


def _training_items(source: InteractionSource) -> np.ndarray:
    return source.history.item_tokens[np.unique(source.history.items)]


def _nameless(source: InteractionSource, settings: CollectSettings) -> Catalog:
    """Every item of the item file, if there is one, and of the training split, called by its id."""
    tokens = set(map(str, _training_items(source)))
    if source.item_file.is_file():
        found = read_atomic_file(source.item_file, source.separator, source.encoding, (source.item_field,))
        listed = list(map(str, found.ids(source.item_field)))
        check_matching(tokens, listed, source.item_file, source.item_field)
        tokens.update(listed)
    ordered = ("", *sorted(tokens))
    return Catalog(
        tokens=ordered,
        names=("", *map(name_from_id, ordered[1:])),
        attributes=((),) * len(ordered),
        texts=("",) * len(ordered),
        language=settings.language,
        noun=settings.item_noun or "",
    )


def _reviews(source: InteractionSource) -> dict[str, list[str]]:
    """By item, one text of every reviewer in the training split: neither order nor number of a user's reviews counts.

    Raises:
        DataError: There are none.
    """
    history, texts = source.history, source.item_reviews
    told: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for user, item, text in zip(history.users, history.items, texts if texts is not None else (), strict=True):
        if text:
            told[str(history.item_tokens[item])][int(user)].add(str(text))
    if not told:
        raise DataError(
            "No training interaction has a review of its own, of which item text could be made: set "
            "collect.item_text_from: columns, or fusion: none to train without item text."
        )
    return {item: sorted(". ".join(sorted(own)) for own in told[item].values()) for item in sorted(told)}


def _with_reviews(catalog: Catalog, terms: Mapping[str, Sequence[Term]], settings: CollectSettings) -> Catalog:
    """The catalog with names from reviews where an item has only its id, and their terms behind its text."""
    called = dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True))
    nameless = {token: found for token, found in terms.items() if called[token] == name_from_id(token)}
    titles = [name for token, name in called.items() if token not in nameless]
    called |= names_from_terms(nameless, settings.title_words, titles)
    texts = [""]
    for token, text in zip(catalog.tokens[1:], catalog.texts[1:], strict=True):
        told = ", ".join(term.shown for term in terms.get(token, ())[:_MOST_TERMS])
        texts.append(". ".join(filter(None, (text, told))))
    return replace(catalog, names=("", *(called[token] for token in catalog.tokens[1:])), texts=tuple(texts))
