"""The training reviews of a RecBole run, whose texts and ratings are read from the interaction file itself."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.atomic_file import read_header
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.reviews import ReviewFile, ratings_of_pairs, texts_of_pairs, times_of_pairs
from recbole_curec.errors import DataError
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.reasons.teachers.reviews import ReviewsTeacherSettings
from recbole_curec.reviews.source import ReviewSource
from recbole_curec.reviews.statements.source import StatementSource, training_ranks
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)


class RatedPairs(Protocol):
    """The ratings of a training split, sorted by original user id and exact time."""

    @property
    def users(self) -> NDArray[np.str_]:
        """Original user ids, shape ``(N,)``."""

    @property
    def items(self) -> NDArray[np.str_]:
        """Original item ids, shape ``(N,)``."""

    @property
    def ratings(self) -> NDArray[np.float64]:
        """Ratings on their own scale, shape ``(N,)``."""


def review_file(config: Any) -> ReviewFile:
    """Where the reviews of a run are, and how they are written."""
    return ReviewFile(
        path=Path(config["data_path"]) / f"{config['dataset']}.inter",
        user_field=config["USER_ID_FIELD"],
        item_field=config["ITEM_ID_FIELD"],
        time_field=config["TIME_FIELD"],
        **file_layout(config),
        review_field=settings_of(config).of(ReviewsTeacherSettings).field,
    )


def review_texts(config: Any, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.object_]:
    """The review of every pair of original ids with its headline, empty where there is none, shape ``(N,)``."""
    return texts_of_pairs(users, items, review_file(config), settings_of(config).read.summary_field)


def review_source(config: Any, reviews: RatedPairs) -> ReviewSource:
    """The training reviews of a rating model with their texts."""
    return ReviewSource(
        reviews.users, reviews.items, reviews.ratings, review_texts(config, reviews.users, reviews.items)
    )


def reviews_of_history(config: Any, history: TrainHistory) -> ReviewSource:
    """The training reviews of a ranking model, in the order in which a rating model would have them.

    An interaction that the file holds more than once has no rating of its own, so it is left out.

    Args:
        config: RecBole's ``Config`` of the run.
        history: The training split, whose interactions the ratings and texts are looked up for.

    Raises:
        DataError: No interaction is left, or the file cannot be read.
        ConfigurationError: It has no such column.
    """
    users, items = _sorted_pairs(history)
    file, field = review_file(config), str(config["RATING_FIELD"])
    ratings = ratings_of_pairs(users, items, file, field)
    known = np.isfinite(ratings)
    if not known.any():
        raise DataError(f"No training interaction has a rating of its own in column '{field}' of {file.path}.")
    if not known.all():
        logger.warning(
            "%d of %d training interactions have no rating, or several, in %s: nothing is read about them",
            int((~known).sum()),
            len(known),
            file.path,
        )
    users, items = users[known], items[known]
    return ReviewSource(users, items, ratings[known], review_texts(config, users, items))


def statements_of_history(config: Any, history: TrainHistory) -> StatementSource:
    """The training reviews of a ranking model in exact time order, with ratings where the file has them.

    An interaction that the file holds more than once has no review, rating or time of its own.

    Args:
        config: RecBole's ``Config`` of the run.
        history: The training split, whose interactions all of it is looked up for.

    Raises:
        DataError: The file cannot be read.
        ConfigurationError: It has no column of reviews.
    """
    users, items = _sorted_pairs(history)
    file, field = review_file(config), str(config["RATING_FIELD"])
    texts = review_texts(config, users, items)  # says first if there is no file
    has_ratings = read_header(file.path, file.separator, file.encoding).get(field) == "float"
    ratings = ratings_of_pairs(users, items, file, field) if has_ratings else np.full(len(users), np.nan)
    return StatementSource(users, items, ratings, texts, training_ranks(users, times_of_pairs(users, items, file)))


def _sorted_pairs(history: TrainHistory) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Original user and item of every training interaction, sorted by user and position."""
    tokens = history.user_tokens[history.users]
    order = np.argsort(tokens, kind="stable")  # within a user the exact time decides already
    return tokens[order], history.item_tokens[history.items[order]]
