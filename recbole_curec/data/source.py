"""The source of the pipeline: the training split, and the item file with its format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.pipeline.fingerprint import cached_file_hash, streamed_fingerprint


@dataclass(frozen=True)
class InteractionSource:
    """The data that stage 1 reads.

    Attributes:
        history: The training split, with reviews where the teacher reads them.
        item_file: RecBole's ``<dataset>.item`` file.
        item_field: Column of the original item id.
        separator: RecBole's ``field_separator``.
        seq_separator: RecBole's ``seq_separator``.
        encoding: Text encoding of the file.
        item_reviews: Review of every interaction of the history with its headline, empty where there is none, shape
            ``(n_interactions,)``; None unless item text is made of reviews.
    """

    history: TrainHistory
    item_file: Path
    item_field: str
    separator: str = "\t"
    seq_separator: str = " "
    encoding: str = "utf-8"
    item_reviews: NDArray[np.object_] | None = None

    def fingerprint(self) -> dict[str, Any]:
        """Hash of the training split and of the item file; independent of RecBole's numbering of users and items."""
        history = self.history
        item_file = cached_file_hash(self.item_file) if self.item_file.is_file() else None
        layout = [self.item_field, self.separator, self.seq_separator, self.encoding]
        parts = {"training": history_fingerprint(history), "items": item_file, "layout": layout}
        for name, texts in (("reviews", history.reviews), ("item_reviews", self.item_reviews)):
            if texts is not None:
                parts[name] = _texts_fingerprint(history, texts)
        return parts


def _texts_fingerprint(history: TrainHistory, texts: NDArray[np.object_]) -> str:
    """Hash of the texts of every user's interactions, in order."""
    bounds = history.indptr
    return _fingerprint_by_user(history, lambda user: texts[bounds[user] : bounds[user + 1]].tolist())


def history_fingerprint(history: TrainHistory) -> str:
    """Hash of every user's training items in original ids, in order."""
    return _fingerprint_by_user(history, lambda user: history.item_tokens[history.of_user(user)].tolist())


def _fingerprint_by_user(history: TrainHistory, told: Callable[[int], list[str]]) -> str:
    """The :func:`fingerprint` of a list per user, by original id, without all lists in memory at once."""
    active = {str(history.user_tokens[user]): int(user) for user in np.flatnonzero(np.diff(history.indptr))}
    return streamed_fingerprint((token, told(active[token])) for token in sorted(active))
