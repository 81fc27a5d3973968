"""The training reviews with their ratings and folds: what every later stage of RecCoT reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.errors import DataError
from recbole_curec.reviews.scale import RatingScale

TABLE = "reviews.parquet"


@dataclass(frozen=True)
class ReviewTable:
    """Reviews of the training split, sorted by original user id and position in the user's training history.

    The order depends on nothing outside the training split. A pair of user and item occurs once.

    Attributes:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        ratings: Ratings on their own scale, shape ``(N,)``.
        texts: Review texts, empty where there is none, shape ``(N,)``.
        folds: Fold of each review, 0 to K - 1, shape ``(N,)``; a review's chain and vector come from models that were
            trained on the other folds.
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    ratings: NDArray[np.float64]
    texts: NDArray[np.object_]
    folds: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check that a pair occurs once."""
        pairs = pd.DataFrame({"user": self.users, "item": self.items})
        twice = pairs[pairs.duplicated()]
        if len(twice):
            user, item = twice.iloc[0]
            raise DataError(
                f"User {user!r} has several reviews of item {item!r} ({len(twice)} such rows): keep one of each, for "
                "example with rm_dup_inter: last."
            )

    def __len__(self) -> int:
        """Number of reviews."""
        return len(self.users)

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.folds.max()) + 1

    @property
    def scale(self) -> RatingScale:
        """The ratings of all reviews and their frequencies."""
        return RatingScale.of(self.ratings)

    def taught(self, fold: int) -> NDArray[np.int64]:
        """Numbers of the reviews that models of a fold may learn from: those of the others; of one fold alone, all."""
        return np.flatnonzero(self.folds != fold) if self.n_folds > 1 else np.arange(len(self))

    def taught_scale(self, fold: int) -> RatingScale:
        """The ratings of the reviews that models of a fold may learn from."""
        return RatingScale.of(self.ratings[self.taught(fold)])

    def rows(self, fold: int) -> NDArray[np.int64]:
        """Numbers of the reviews of one fold."""
        return np.flatnonzero(self.folds == fold)

    def save(self, folder: Path) -> None:
        """Write the reviews into the folder of an artifact."""
        columns = {
            "user": self.users.astype(object),
            "item": self.items.astype(object),
            "rating": self.ratings,
            "text": self.texts,
            "fold": self.folds,
        }
        pd.DataFrame(columns).to_parquet(folder / TABLE, index=False)

    @classmethod
    def load(cls, folder: Path) -> ReviewTable:
        """The reviews of an artifact."""
        table = pd.read_parquet(folder / TABLE)
        return cls(
            users=table["user"].to_numpy(dtype=np.str_),
            items=table["item"].to_numpy(dtype=np.str_),
            ratings=table["rating"].to_numpy(dtype=np.float64),
            texts=table["text"].to_numpy(dtype=object),
            folds=table["fold"].to_numpy(dtype=np.int64),
        )
