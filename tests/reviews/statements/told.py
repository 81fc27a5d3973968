"""Reviews of two tastes: even users speak of the sound, odd ones of the looks; small enough to check by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory
from recbole_curec.reviews.statements.chooser import FOLDS, RankedStatements, user_folds
from recbole_curec.reviews.statements.pool import StatementPool
from recbole_curec.reviews.statements.training import FoldTrainer
from recbole_curec.settings.statements import StatementSettings

USERS, REVIEWS, ITEMS = 12, 6, 8
SOUND = "Every note of strap {item} rings deep and warm throughout"
LOOKS = "Every seam of strap {item} looks neat and bright throughout"
SETTINGS = StatementSettings(trees=10, leaves=4)
COLUMNS = ("user", "item", "time", "rating", "text")


def mark_of(user: int, time: int) -> str:
    """A word that stands in one review alone."""
    return f"tok{user}at{time}end"


def table(held_out: str = "zebrafinch") -> list[tuple[str, str, int, float, str]]:
    """User, item, time, rating and review of every interaction; those of the last two times are to be held out."""
    found = []
    for user in range(USERS):
        for time in range(REVIEWS):
            item = (user // 2 + time) % ITEMS
            mark = mark_of(user, time) if time < REVIEWS - 2 else f"{held_out}{user}"
            text = f"{(SOUND, LOOKS)[user % 2].format(item=item)} {mark}."
            found.append((f"u{user:02}", f"i{item}", 100 * time + user, float(1 + (user + time) % 5), text))
    return found


def histories(rows: list[tuple[Any, ...]]) -> tuple[TrainHistory, dict[str, NDArray[Any]]]:
    """A history of rows that are sorted by user and time, and their columns."""
    columns = {name: np.array([row[k] for row in rows]) for k, name in enumerate(COLUMNS)}
    users = np.unique(columns["user"])
    items = np.unique(columns["item"])
    lengths = [int((columns["user"] == user).sum()) for user in users]
    history = TrainHistory(
        indptr=np.concatenate([[0, 0], np.cumsum(lengths)]).astype(np.int64),
        items=(np.searchsorted(items, columns["item"]) + 1).astype(np.int64),
        n_items=len(items) + 1,
        user_tokens=np.array(["", *users]),
        item_tokens=np.array(["", *items]),
    )
    return history, columns


def pool_of(rows: list[tuple[Any, ...]]) -> tuple[StatementPool, dict[str, NDArray[Any]]]:
    """The statements of rows, whose times are their ranks."""
    history, columns = histories(rows)
    return StatementPool.of(history, columns["time"], columns["text"].astype(object), columns["rating"]), columns


def ranked(rows: list[tuple[Any, ...]]) -> RankedStatements:
    """The chooser with models of both folds."""
    pool, columns = pool_of(rows)
    folds = user_folds(pool.history)[pool.history.users]
    models = []
    for fold in range(FOLDS):
        trainer = FoldTrainer(pool, folds == fold, columns["text"].astype(object), columns["rating"], SETTINGS)
        models.append(trainer.fit(progress=False)[0])
    return RankedStatements(pool, models, SETTINGS.candidates)


def trained() -> list[tuple[str, str, int, float, str]]:
    """The rows of the training split."""
    return [row for row in table() if row[2] < 100 * (REVIEWS - 2)]
