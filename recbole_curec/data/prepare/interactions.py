"""The interaction file: the reviews that are kept in time order, their texts cleaned, row by row from disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.data.markup import without_markup
from recbole_curec.data.prepare.coded import CodedReviews
from recbole_curec.data.prepare.selection import pair_keys
from recbole_curec.data.prepare.source import COLUMNS
from recbole_curec.data.prepare.tags import COLUMN, KIND, Tags
from recbole_curec.data.prepare.writing import number_field, text_field

_TEXTS = {"review": "empty_reviews", "summary": "empty_summaries"}
# Ratings of more different values are no scale of which each value is counted.
_MOST_RATINGS = 100


@dataclass(frozen=True)
class Interactions:
    """Rows of the interaction file, and what is counted while they are written.

    Attributes:
        reviews: The reviews.
        rows: Those that are kept, in time order.
        columns: Columns beside the ids with their types.
        tags: Their tags; None if there are none.
        counts: What is counted, complete when all rows were read.
    """

    reviews: CodedReviews
    rows: NDArray[np.int64]
    columns: Mapping[str, str]
    tags: Tags | None
    counts: dict[str, Any] = field(default_factory=dict)

    def header(self) -> tuple[str, ...]:
        """The fields of the header, ``name:type``."""
        columns = {**self.columns, **({COLUMN: KIND} if self.tags else {})}
        return "user_id:token", "item_id:token", *(f"{name}:{kind}" for name, kind in columns.items())

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """The rows of fields, cleaned."""
        empty = {name: count for name, count in _TEXTS.items() if name in self.columns}
        counts = self._start(empty)
        kept = self.reviews, self.rows
        tags = iter(self.tags) if self.tags else None
        further = [kind for name, kind in self.columns.items() if name not in COLUMNS]
        texts = self.reviews.texts.in_order(self.rows)
        bar = tqdm(texts, total=len(self.rows), desc="clean", unit="review", leave=False, disable=None)
        for (user, item, rating, time), (summary, review, *more) in zip(_numbers(*kept), bar, strict=True):
            found = {
                "rating": "" if rating != rating else number_field(rating),
                "timestamp": number_field(time),
                "summary": text_field(summary),
                "review": text_field(review),
            }
            for name, count in empty.items():
                counts[count] += not found[name]
            if empty:
                counts["texts_with_html"] += _has_html(summary) or _has_html(review)
            own = (found[name] for name in COLUMNS if name in self.columns)
            others = (text if kind == "float" else text_field(text) for text, kind in zip(more, further, strict=True))
            yield (user, item, *own, *others, *([next(tags)] if tags else []))

    def _start(self, empty: Mapping[str, str]) -> dict[str, Any]:
        """What can be counted before the texts are read; the others begin at 0."""
        self.counts.clear()
        self.counts.update(dict.fromkeys((*empty.values(), *(["texts_with_html"] if empty else [])), 0))
        if "timestamp" in self.columns:
            self.counts["reviews_without_own_time"] = self._without_own_time()
        if "rating" in self.columns:
            ratings = self.reviews.ratings[self.rows]
            unrated = np.isnan(ratings)
            if unrated.any():
                self.counts["reviews_without_rating"] = int(unrated.sum())
            values, counts = np.unique(ratings[~unrated], return_counts=True)
            if len(values) > _MOST_RATINGS:
                self.counts["rating_range"] = [number_field(float(values[place])) for place in (0, -1)]
            else:
                found = zip(values.tolist(), counts.tolist(), strict=True)
                self.counts["ratings"] = {number_field(rating): count for rating, count in found}
        if self.tags:
            self.counts.update(self.tags.counts)
        return self.counts

    def _without_own_time(self) -> int:
        """Reviews beside which their user has another at the same time."""
        times, users = self.reviews.times[self.rows], self.reviews.users[self.rows]
        moments = np.cumsum(np.diff(times, prepend=times[:1]) != 0)
        _, counts = np.unique(pair_keys(moments, users), return_counts=True)
        return int(counts[counts > 1].sum())


def _numbers(reviews: CodedReviews, rows: NDArray[np.int64]) -> Iterator[tuple[str, str, float, float]]:
    """Ids, rating and time of rows, a block at a time as Python's own numbers."""
    for start in range(0, len(rows), 1 << 16):
        block = rows[start : start + (1 << 16)]
        columns = (column[block].tolist() for column in (reviews.users, reviews.items, reviews.ratings, reviews.times))
        for user, item, rating, time in zip(*columns, strict=True):
            yield reviews.user_ids[user], reviews.item_ids[item], rating, time


def _has_html(text: str) -> bool:
    return without_markup(text) != text
