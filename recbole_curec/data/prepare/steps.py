"""The filters of a data set one after the other, with what is left after each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.prepare.coded import CodedReviews
from recbole_curec.data.prepare.request import Request
from recbole_curec.data.prepare.selection import k_core, time_order, within, without_duplicates
from recbole_curec.data.prepare.times import day_of
from recbole_curec.errors import DataError


class Steps:
    """Reviews in time order, of which every filter drops some.

    Args:
        reviews: The reviews.
        request: What is to be made.
        rated: Whether they have ratings.

    Attributes:
        rows: Rows of the file that are left, in time order.
        counts: What is counted, by name.
        steps: Reviews, users and items after every step.
    """

    def __init__(self, reviews: CodedReviews, request: Request, *, rated: bool) -> None:
        self._reviews, self._request, self._rated = reviews, request, rated
        self.rows = time_order(reviews.times)
        self.counts: dict[str, Any] = {}
        self.steps: list[dict[str, Any]] = []
        if not len(self.rows):
            raise DataError(f"{request.reviews} holds no review: give a file with one review per line.")
        self._note("read")
        last = self.steps[-1]
        self.counts |= {"reviews_read": last["reviews"], "users_read": last["users"], "items_read": last["items"]}

    def filter(self) -> None:
        """Apply the filters in the order in which the documentation names them.

        Raises:
            DataError: One of them leaves nothing.
        """
        request, counts = self._request, self.counts
        if request.since is not None or request.before is not None:
            times = self._reviews.times
            span = f"their times are {day_of(times[self.rows[0]])} to {day_of(times[self.rows[-1]])}"
            kept = within(times[self.rows], request.since, request.before)
            counts["window_dropped"] = self._keep("window", kept, f"the time window {request.window()}", span)
        ratings = self._reviews.ratings
        unrated = np.isnan(ratings[self.rows])
        if self._rated and request.unrated == "drop" and unrated.any():
            advice = "give --unrated=keep"
            counts["unrated_dropped"] = self._keep("unrated", ~unrated, "unrated=drop", advice)
        users, items = self._codes()
        once = without_duplicates(users, items, request.duplicates)
        counts["duplicates_dropped"] = self._keep("duplicates", once, f"duplicates={request.duplicates}", "")
        if request.min_rating is not None:
            given = ratings[self.rows]
            highest = np.max(given, initial=-np.inf, where=~np.isnan(given))
            what = f"min_rating={request.min_rating:g}"
            advice = f"the highest is {highest:g}: give a lower number"
            counts["rating_dropped"] = self._keep("min_rating", given >= request.min_rating, what, advice)
        self._core()
        last = self.steps[-1]
        counts |= {name: last[name] for name in ("reviews", "users", "items")}

    def _core(self) -> None:
        before = self.steps[-1]
        core = k_core(*self._codes(), self._request.k_core)
        advice = "give a lower number, or 0 to keep them all"
        dropped = self._keep("k_core", core.kept, f"k_core={self._request.k_core}", advice)
        after = self.steps[-1]
        self.counts |= {
            "k_core_rounds": core.rounds,
            "k_core_reviews_dropped": dropped,
            "k_core_users_dropped": before["users"] - after["users"],
            "k_core_items_dropped": before["items"] - after["items"],
        }

    def _keep(self, step: str, kept: NDArray[np.bool_], what: str, advice: str) -> int:
        """Drop the rows that do not stay; returns how many."""
        if not kept.any():
            raise DataError(f"{what} leaves none of the {len(kept):,} reviews of {self._request.reviews}: {advice}.")
        self.rows = self.rows[kept]
        self._note(step)
        return int((~kept).sum())

    def _note(self, step: str) -> None:
        users, items = self._codes()
        n_users = int(np.count_nonzero(np.bincount(users)))
        n_items = int(np.count_nonzero(np.bincount(items)))
        self.steps.append({"step": step, "reviews": len(self.rows), "users": n_users, "items": n_items})

    def _codes(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        return self._reviews.users[self.rows], self._reviews.items[self.rows]
