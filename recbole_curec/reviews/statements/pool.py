"""The pool of statements: every one that a training review holds, with its writer, item and exact time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.reviews.statements.sentences import is_quotable, statements_of

Ids = NDArray[np.int64]
_POOL, _TIMES = "pool.parquet", "times.parquet"
_COLUMNS = ("text", "row", "place", "rating")


@dataclass(frozen=True)
class StatementPool:
    """Statements sorted by item and time; users, items and rows are those of the training history.

    Attributes:
        history: The training history.
        times: Exact time rank of every training interaction, shape ``(N,)``
            (:func:`~recbole_curec.reviews.statements.source.training_ranks`).
        texts: The statements, shape ``(n,)``.
        rows: Training interaction of the review that holds each, shape ``(n,)``.
        places: Place in that review, 0 to 1, shape ``(n,)``.
        ratings: Its rating, -1 for the lowest and 1 for the highest of the scale, nan where none is known, shape
            ``(n,)``.
    """

    history: TrainHistory
    times: Ids
    texts: NDArray[np.object_]
    rows: Ids
    places: NDArray[np.float32]
    ratings: NDArray[np.float32]
    users: Ids = field(init=False)
    items: Ids = field(init=False)
    ranks: Ids = field(init=False)
    quotable: NDArray[np.bool_] = field(init=False)
    _of_item: Ids = field(init=False)
    _by_row: Ids = field(init=False)
    _sorted_rows: Ids = field(init=False)

    def __post_init__(self) -> None:
        """Look up writers, items and times."""
        history, order = self.history, np.argsort(self.rows, kind="stable")
        found = {
            "users": history.users[self.rows],
            "items": history.items[self.rows],
            "ranks": self.times[self.rows],
            "quotable": np.array([is_quotable(text) for text in self.texts], dtype=bool),
            "_of_item": np.searchsorted(history.items[self.rows], np.arange(history.n_items + 1)),
            "_by_row": order,
            "_sorted_rows": self.rows[order],
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """Number of statements."""
        return len(self.texts)

    @classmethod
    def of(
        cls, history: TrainHistory, times: Ids, reviews: NDArray[np.object_], ratings: NDArray[np.float64]
    ) -> StatementPool:
        """The statements of all training reviews; one that a review repeats counts once.

        Args:
            history: The training history.
            times: Exact time rank of every training interaction, shape ``(N,)``.
            reviews: Its review, empty where there is none, shape ``(N,)``.
            ratings: Its rating on the data's own scale, nan where there is none, shape ``(N,)``.
        """
        texts: list[str] = []
        rows: list[int] = []
        places: list[float] = []
        for row in np.lexsort((times, history.items)).tolist():
            first: dict[str, float] = {}
            for text, place in statements_of(str(reviews[row])):
                first.setdefault(text, place)
            for text, place in first.items():
                texts.append(text)
                rows.append(row)
                places.append(place)
        numbers = np.array(rows, dtype=np.int64)
        return cls(
            history,
            times,
            np.array(texts, dtype=object),
            numbers,
            np.array(places, dtype=np.float32),
            _centred(ratings)[numbers].astype(np.float32),
        )

    def candidates(self, user: int, item: int, cutoff: int, most: int, allowed: NDArray[np.bool_] | None = None) -> Ids:
        """Statements of other users about an item, written strictly before a time; the latest, in time order.

        Args:
            user: Whose statements are left out.
            item: The item.
            cutoff: Time rank that all of them are before.
            most: Most statements.
            allowed: Which statements may be candidates at all, shape ``(n,)``; None for all.
        """
        first, end = self._of_item[item], self._of_item[item + 1]
        end = first + np.searchsorted(self.ranks[first:end], cutoff)
        found = np.arange(first, end)
        kept = self.users[found] != user
        if allowed is not None:
            kept &= allowed[found]
        others: Ids = found[kept][-most:]
        return others

    def own(self, user: int, item: int, position: int | None, most: int) -> Ids:
        """A user's statements about other items, from training reviews before a position; the latest, oldest first.

        Args:
            user: The user, 0 for one who was not in training.
            item: The item whose review by the user is left out.
            position: Number of training interactions that come before; None for all.
            most: Most statements.
        """
        if not user:
            return np.zeros(0, dtype=np.int64)
        start, last = int(self.history.indptr[user]), int(self.history.indptr[user + 1])
        end = last if position is None else min(start + position, last)
        found = self._between(start, end)
        others: Ids = found[self.items[found] != item][-most:]
        return others

    def of_row(self, row: int) -> Ids:
        """The statements of the review of one training interaction."""
        return self._between(row, row + 1)

    def _between(self, first: int, end: int) -> Ids:
        """The statements of the reviews of training interactions in a row, in their order."""
        return self._by_row[slice(*np.searchsorted(self._sorted_rows, (first, end)))]

    def cutoff(self, user: int, item: int, position: int | None) -> int:
        """The time rank that statements for a user and an item have to be before.

        It is that of the user's training interaction at the position, and never later than that with the item itself.
        Without either, every training review was written before.
        """
        limits = [int(self.times.max()) + 1]
        if user:
            start, end = int(self.history.indptr[user]), int(self.history.indptr[user + 1])
            if position is not None and start + position < end:
                limits.append(int(self.times[start + position]))
            taken = start + np.flatnonzero(self.history.items[start:end] == item)
            limits += self.times[taken].tolist()
        return min(limits)

    def save(self, folder: Path) -> None:
        """Write the statements and times; the history is that of ``collect``."""
        columns = {"text": self.texts, "row": self.rows, "place": self.places, "rating": self.ratings}
        pd.DataFrame(columns).to_parquet(folder / _POOL, index=False)
        pd.DataFrame({"rank": self.times}).to_parquet(folder / _TIMES, index=False)

    @classmethod
    def load(cls, folder: Path, history: TrainHistory) -> StatementPool:
        """Inverse of :meth:`save`."""
        table, times = pd.read_parquet(folder / _POOL), pd.read_parquet(folder / _TIMES)
        texts, rows, places, ratings = (table[name].to_numpy() for name in _COLUMNS)
        return cls(history, times["rank"].to_numpy(), texts.astype(object), rows, places, ratings)


def _centred(ratings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ratings on a scale from -1 to 1; nan throughout where fewer than two different ones are known."""
    known = ratings[np.isfinite(ratings)]
    if len(np.unique(known)) < 2:
        return np.full(len(ratings), np.nan)
    low, high = known.min(), known.max()
    centred: NDArray[np.float64] = (ratings - (low + high) / 2) / ((high - low) / 2)
    return centred
