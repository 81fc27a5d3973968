"""The tags that users gave items, as a column of their own interactions."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.cleaning import clean_text
from recbole_curec.data.prepare.coded import CodedReviews
from recbole_curec.data.prepare.source import RawTag

COLUMN, KIND = "tags", "token"


class Tags:
    """Tags by pair of user and item, in time order.

    Args:
        tags: The tags.
        reviews: The interactions to which they belong.
        rows: Rows of the interactions that are kept.

    Attributes:
        counts: What is counted about them.
    """

    def __init__(self, tags: Iterable[RawTag], reviews: CodedReviews, rows: NDArray[np.int64]) -> None:
        users = {user: code for code, user in enumerate(reviews.user_ids)}
        items = {item: code for code, item in enumerate(reviews.item_ids)}
        columns = array("q"), array("q"), array("q")
        times = array("d")
        names: dict[str, int] = {}
        read = 0
        for tag in tags:
            read += 1
            text = clean_text(tag.tag)
            if tag.user in users and tag.item in items and text:
                codes = users[tag.user], items[tag.item], names.setdefault(text, len(names))
                for column, code in zip(columns, codes, strict=True):
                    column.append(code)
                times.append(tag.time)
        # The last key is the first to sort by: pairs, then times, then the order of the file.
        n_items = len(items)
        keys = np.array(columns[0]) * n_items + np.array(columns[1])
        order = np.lexsort((np.arange(len(keys)), np.array(times), keys))
        self._keys, self._tags, self._names = keys[order], np.array(columns[2])[order], list(names)
        kept = reviews.users[rows].astype(np.int64) * n_items + reviews.items[rows]
        self._begins = np.searchsorted(self._keys, kept, "left")
        self._ends = np.searchsorted(self._keys, kept, "right")
        used = int(np.isin(self._keys, kept).sum())
        self.counts: dict[str, Any] = {"tags_read": read, "tags": used, "tags_without_interaction": read - used}

    def __iter__(self) -> Iterator[str]:
        """The field of every interaction that is kept: a list as JSON, empty where there is none."""
        for begin, end in zip(self._begins.tolist(), self._ends.tolist(), strict=True):
            found = dict.fromkeys(self._names[tag] for tag in self._tags[begin:end])
            yield json.dumps(list(found), ensure_ascii=False) if found else ""
