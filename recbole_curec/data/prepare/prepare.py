"""From raw files to a data set in RecBole's atomic files, with every step counted."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.atomic_write import write_whole
from recbole_curec.data.markup import without_markup
from recbole_curec.data.prepare.request import RECORD, Request
from recbole_curec.data.prepare.selection import k_core, time_order, without_duplicates
from recbole_curec.data.prepare.source import SOURCES, RawReview, RawSource
from recbole_curec.data.prepare.writing import number_field, text_field, write_rows
from recbole_curec.errors import DataError
from recbole_curec.pipeline.artifacts import file_hash

_INTERACTIONS = (
    "user_id:token", "item_id:token", "rating:float", "timestamp:float", "summary:token_seq", "review:token_seq",
)  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """A data set that was made.

    Attributes:
        request: What was asked for.
        record: What ``prepare.json`` holds: arguments, hashes of what was read and written, counts of every step.
        is_new: Whether anything was written; False if the same data set was there already.
    """

    request: Request
    record: dict[str, Any]
    is_new: bool


class _Table(NamedTuple):
    """Rows of an atomic file, and what is counted about them."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    counts: dict[str, Any]


def prepare(request: Request, *, overwrite: bool = False) -> Prepared:
    """Make a data set, or find it as it was made before.

    Args:
        request: What is to be made.
        overwrite: Whether another data set of the same name is replaced.

    Raises:
        ConfigurationError: An argument cannot be used, or there is another data set of this name.
        DataError: A raw file cannot be read, or no review is left.
    """
    request.check()
    source: RawSource = SOURCES.find(request.source)()
    recipe = request.recipe()
    before = None if overwrite else request.made_before(recipe)
    if before is not None:
        return Prepared(request, before, is_new=False)
    reviews, counts = _selected(list(source.reviews(request.reviews)), request)
    interactions = _interactions(reviews)
    items = _items(source, request.items, {review.item for review in reviews})
    made_with = {
        "files": {name: path.name for name, path in request.raw_files().items()},
        "python": platform.python_version(),
    }
    record = {**recipe, **made_with, "counts": {**counts, **interactions.counts, **items.counts}}
    _write(request, record, {"inter": interactions, "item": items})
    return Prepared(request, record, is_new=True)


def _selected(reviews: list[RawReview], request: Request) -> tuple[list[RawReview], dict[str, Any]]:
    """The reviews that stay, in time order, and the counts of every step."""
    if not reviews:
        raise DataError(f"{request.reviews} holds no review: give a file with one review per line.")
    order = time_order(np.array([review.time for review in reviews]))
    users = _codes(reviews[row].user for row in order)
    items = _codes(reviews[row].item for row in order)
    once = without_duplicates(users, items, request.duplicates)
    core = k_core(users[once], items[once], request.k_core)
    kept = np.flatnonzero(once)[core.kept]
    if not len(kept):
        raise DataError(
            f"k_core={request.k_core} leaves none of the {int(once.sum()):,} reviews of {request.reviews}: give a "
            "lower number, or 0 to keep them all."
        )
    n_users, n_items = len(np.unique(users[kept])), len(np.unique(items[kept]))
    counts = {
        "reviews_read": len(reviews),
        "users_read": int(users.max()) + 1,
        "items_read": int(items.max()) + 1,
        "duplicates_dropped": int((~once).sum()),
        "k_core_rounds": core.rounds,
        "k_core_reviews_dropped": int((~core.kept).sum()),
        "k_core_users_dropped": int(users.max()) + 1 - n_users,
        "k_core_items_dropped": int(items.max()) + 1 - n_items,
        "reviews": len(kept),
        "users": n_users,
        "items": n_items,
    }
    return [reviews[order[row]] for row in kept], counts


def _codes(ids: Iterable[str]) -> NDArray[np.int64]:
    return pd.factorize(np.array(list(ids), dtype=object))[0].astype(np.int64)


def _interactions(reviews: list[RawReview]) -> _Table:
    """The interaction file, in the order of the reviews."""
    rows: list[tuple[str, ...]] = []
    for review in tqdm(reviews, desc="clean", unit="review", leave=False, disable=None):
        texts = text_field(review.summary), text_field(review.review)
        rows.append((review.user, review.item, number_field(review.rating), number_field(review.time), *texts))
    ratings = Counter(review.rating for review in reviews)
    moments = Counter((review.user, review.time) for review in reviews)
    counts = {
        "empty_reviews": sum(not row[-1] for row in rows),
        "empty_summaries": sum(not row[-2] for row in rows),
        "texts_with_html": sum(_has_html(review.summary) or _has_html(review.review) for review in reviews),
        "reviews_without_own_time": sum(count for count in moments.values() if count > 1),
        "ratings": {number_field(rating): ratings[rating] for rating in sorted(ratings)},
    }
    return _Table(_INTERACTIONS, rows, counts)


def _has_html(text: str) -> bool:
    return without_markup(text) != text


def _items(source: RawSource, path: Path | None, wanted: set[str]) -> _Table:
    """The item file: a row for every item with a review, sorted by id, with the columns that have a value."""
    found: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    read = 0
    for item in source.items(path) if path else ():
        read += 1
        seen.add(item.item)
        if item.item in wanted and item.item not in found:
            found[item.item] = {column: text_field(text) for column, text in item.texts.items()}
    columns = [name for name in source.item_columns if any(texts.get(name) for texts in found.values())]
    rows = [(item, *(found.get(item, {}).get(name, "") for name in columns)) for item in sorted(wanted)]
    counts: dict[str, Any] = {}
    if path:
        counts = {
            "metadata_read": read,
            "metadata_repeated": read - len(seen),
            "metadata_of_items_without_a_review": len(seen) - len(found),
            "items_without_metadata": len(wanted - found.keys()),
            "items_with": {name: sum(bool(texts.get(name)) for texts in found.values()) for name in columns},
        }
    return _Table(("item_id:token", *(f"{name}:{source.item_columns[name]}" for name in columns)), rows, counts)


def _write(request: Request, record: dict[str, Any], tables: dict[str, _Table]) -> None:
    """Write the files and their record, all of them or none."""
    outputs: dict[str, str] = record.setdefault("outputs", {})

    def writer(place: Path, table: _Table) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            write_rows(path, table.columns, table.rows)
            outputs[place.name] = file_hash(path)

        return write

    def write_record(path: Path) -> None:  # comes last, when the hashes of the others are known
        path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")

    places = {request.path(ending): table for ending, table in tables.items()}
    files = {place: writer(place, table) for place, table in places.items()}
    write_whole({**files, request.target / RECORD: write_record})
