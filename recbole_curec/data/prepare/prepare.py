"""From raw files to a data set in RecBole's atomic files, with every step counted."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.atomic_write import nearest_existing, write_whole
from recbole_curec.data.prepare.coded import CodedReviews, coded
from recbole_curec.data.prepare.interactions import Interactions
from recbole_curec.data.prepare.item_rows import ItemRows, read_items
from recbole_curec.data.prepare.request import RECORD, Request
from recbole_curec.data.prepare.source import SOURCES, RawSource
from recbole_curec.data.prepare.spill import RowSpill
from recbole_curec.data.prepare.steps import Steps
from recbole_curec.data.prepare.tags import Tags
from recbole_curec.data.prepare.writing import write_rows
from recbole_curec.errors import ConfigurationError
from recbole_curec.pipeline.hashes import file_hash


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


def prepare(request: Request, *, overwrite: bool = False) -> Prepared:
    """Make a data set, or find it as it was made before.

    The raw file of reviews is read once: ids, ratings and times into arrays, texts to a file without a name on the disk
    of the data set, from which they come back in time order.

    Args:
        request: What is to be made.
        overwrite: Whether another data set of the same name is replaced.

    Raises:
        ConfigurationError: An argument cannot be used, or there is another data set of this name.
        DataError: A raw file cannot be read, or no review is left.
        DiskFullError: The disk is full.
    """
    request.check()
    source = _source(request)
    recipe = request.recipe()
    before = None if overwrite else request.made_before(recipe)
    if before is not None:
        return Prepared(request, before, is_new=False)
    columns = source.columns(request.reviews)
    _check_columns(request, columns)
    with ExitStack() as stack:
        disk = nearest_existing(request.target)
        texts, item_texts = (stack.enter_context(RowSpill(disk)) for _ in range(2))
        reviews = coded(source.reviews(request.reviews), texts)
        steps = Steps(reviews, request, rated="rating" in columns)
        steps.filter()
        wanted = {reviews.item_ids[code] for code in np.unique(reviews.items[steps.rows])}
        interactions = Interactions(
            reviews, steps.rows, _with_values(columns, reviews, steps.rows), _tags(source, request, reviews, steps.rows)
        )
        items = read_items(source, request.items, wanted, item_texts)
        made_with = {
            "files": {name: path.name for name, path in request.raw_files().items()},
            "python": platform.python_version(),
        }
        record = {**recipe, **made_with, "counts": steps.counts, "steps": steps.steps}
        _write(request, record, interactions, items)
    return Prepared(request, record, is_new=True)


def _source(request: Request) -> RawSource:
    """The source, with the options that it has.

    Raises:
        ConfigurationError: There is no such source, or it has not every option that was given.
    """
    found: type[RawSource] = SOURCES.find(request.source)
    for name in request.options.given():
        if name not in found.reads:
            others = [entry.name for entry in SOURCES.entries().values() if name in entry.reads]
            raise ConfigurationError(
                f"{name} says nothing with --source={request.source}: leave it out (it belongs to {', '.join(others)})."
            )
    source = found(request.options) if found.reads else found()
    source.check(request.reviews, request.items)
    return source


def _check_columns(request: Request, columns: Mapping[str, str]) -> None:
    """Check that the filters have what they look at."""
    needs = {"min_rating": "rating", "since": "timestamp", "before": "timestamp"}
    for name, column in needs.items():
        if getattr(request, name) is not None and column not in columns:
            raise ConfigurationError(
                f"{name} cannot be used: --source={request.source} gives no {column} for {request.reviews}; leave it "
                "out."
            )


def _with_values(columns: Mapping[str, str], reviews: CodedReviews, rows: NDArray[np.int64]) -> dict[str, str]:
    """The columns without that of ratings where no review has one."""
    unrated = bool(np.isnan(reviews.ratings[rows]).all())
    return {name: kind for name, kind in columns.items() if name != "rating" or not unrated}


def _tags(source: RawSource, request: Request, reviews: CodedReviews, rows: NDArray[np.int64]) -> Tags | None:
    path = request.options.tags
    return Tags(source.tags(path), reviews, rows) if path else None


def _write(request: Request, record: dict[str, Any], interactions: Interactions, items: ItemRows) -> None:
    """Write the files and their record, all of them or none."""
    outputs: dict[str, str] = record.setdefault("outputs", {})

    def writer(place: Path, table: Interactions | ItemRows) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            write_rows(path, table.header(), table)
            outputs[place.name] = file_hash(path)

        return write

    def write_record(path: Path) -> None:  # comes last, when the counts and hashes of the others are known
        record["counts"] |= interactions.counts | items.counts
        path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")

    places: dict[Path, Interactions | ItemRows] = {request.path("inter"): interactions, request.path("item"): items}
    files = {place: writer(place, table) for place, table in places.items()}
    write_whole({**files, request.target / RECORD: write_record})
