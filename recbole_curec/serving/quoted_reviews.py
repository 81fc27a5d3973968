"""The training reviews of a run, with what the language model quoted of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.data.days import days_of
from recbole_curec.data.reviews import times_of_pairs
from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.plugin.review_sources import review_file
from recbole_curec.reviews.chains import parse_chain
from recbole_curec.reviews.quotations import distinct_aspects
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.stages.embed import CHAINS

_FIRST_WORDS = 12


class QuotedReviews:
    """Training reviews by their numbers, which are those of a run's review table; held-out reviews are not among them.

    Args:
        table: The reviews.
        chains: What was written about each, in their order.
        times: Time of each, shape ``(N,)``; nan where the data hold none.
    """

    def __init__(self, table: ReviewTable, chains: Sequence[str], times: NDArray[np.float64]) -> None:
        self._table, self._chains, self._times = table, chains, times
        self._scale, self._days = table.scale, days_of(times)

    @classmethod
    def load(cls, config: Any, read: Path, write: Path) -> QuotedReviews:
        """The reviews of a run.

        Args:
            config: RecBole's config of the run, which says where the times of its reviews are.
            read: Folder of the artifact ``read``.
            write: Folder of the artifact ``write``.

        Raises:
            DataError: The interaction file cannot be read.
        """
        table = ReviewTable.load(read)
        chains = pd.read_parquet(write / CHAINS, columns=["completion"])["completion"].tolist()
        return cls(table, chains, times_of_pairs(table.users, table.items, review_file(config)))

    def of(self, number: int) -> QuotedReview:
        """One review."""
        table = self._table
        text = str(table.texts[number])
        chain = parse_chain(self._chains[number], self._scale).chain
        # A quotation that the review does not hold is none of its statements.
        aspects = [found.aspect for found in distinct_aspects(chain.aspects, text)]
        words = text.split()
        return QuotedReview(
            user=str(table.users[number]),
            item=str(table.items[number]),
            rating=float(table.ratings[number]),
            praise=tuple(aspect.quote for aspect in aspects if aspect.sign > 0),
            blame=tuple(aspect.quote for aspect in aspects if aspect.sign < 0),
            beginning=" ".join(words[:_FIRST_WORDS]) + (" ..." if len(words) > _FIRST_WORDS else ""),
            date=self._days[number],
        )

    def by_user(self, user: str) -> list[int]:
        """Numbers of a user's reviews, latest first."""
        return self._by_user.get(user, [])

    def about_item(self, item: str) -> list[int]:
        """Numbers of the reviews about an item, latest first."""
        return self._by_item.get(item, [])

    def pair(self, number: int) -> tuple[str, str]:
        """Original ids of the user and the item of a review."""
        return str(self._table.users[number]), str(self._table.items[number])

    @cached_property
    def _by_user(self) -> dict[str, list[int]]:
        return self._grouped(self._table.users)

    @cached_property
    def _by_item(self) -> dict[str, list[int]]:
        return self._grouped(self._table.items)

    def _grouped(self, ids: NDArray[np.str_]) -> dict[str, list[int]]:
        # Without a time a review counts as the earliest; of equal times the later number stands first.
        latest = np.lexsort((np.arange(len(ids)), np.nan_to_num(self._times, nan=-np.inf)))[::-1]
        found: dict[str, list[int]] = {}
        for number in latest.tolist():
            found.setdefault(str(ids[number]), []).append(number)
        return found
