"""The rated interactions of RecBole's splits, so that every row of a table is trained and tested on the same ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.interaction_tables import OrderedRows
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.review_sources import review_texts
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.reviews.scale import RatingScale

# RecBole keeps ratings as float32: 4.1 is 4.099999904 there.
_DECIMALS = 6


@dataclass(frozen=True)
class RatingRows:
    """Rated interactions, sorted by internal user id and exact time.

    Attributes:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        ratings: Ratings on their own scale, shape ``(N,)``.
        ranks: Place of every row in the time order of the whole file (timestamp, then file row), shape ``(N,)``.
        texts: Reviews, empty where there is none, shape ``(N,)``; None where they were not read, as they never are for
            validation and test.
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    ratings: NDArray[np.float64]
    ranks: NDArray[np.int64]
    texts: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.users)

    @property
    def reviews(self) -> NDArray[np.object_]:
        """The reviews of rows that were read with them.

        Raises:
            LookupError: They were read without: a bug in what asks for them.
        """
        if self.texts is None:
            raise LookupError("These rows were read without their reviews.")
        return self.texts

    @property
    def pairs(self) -> pd.MultiIndex:
        """User and item of every row."""
        return pd.MultiIndex.from_arrays([self.users.astype(object), self.items.astype(object)], names=["user", "item"])


@dataclass(frozen=True)
class RatingSplits:
    """The three splits of one config.

    Attributes:
        train: Rows to learn from.
        valid: Rows that hyper-parameters are chosen on.
        test: Rows that are compared.
    """

    train: RatingRows
    valid: RatingRows
    test: RatingRows

    @property
    def scale(self) -> RatingScale:
        """The scale of the training ratings."""
        return RatingScale.of(self.train.ratings)


def rating_splits(config: Any, *, texts: bool = False) -> RatingSplits:
    """The rows of RecBole's three loaders.

    Args:
        config: Config of one of our models, which order interactions by their exact times.
        texts: Whether the reviews of the training rows are read too.

    Raises:
        ConfigurationError: Ratings are not loaded, or not on their own scale.
        DataError: The data cannot be used, or there are no reviews where they are asked for.
    """
    field = config["RATING_FIELD"]
    if config["normalize_all"] or field in (config["normalize_field"] or ()):
        raise ConfigurationError(
            f"Ratings would be normalised to 0..1: set normalize_all: False, and leave {field} out of normalize_field."
        )
    datasets = [dataset_of(loader) for loader in split_data(config)]
    train, valid, test = (_rows(dataset, field) for dataset in datasets)
    if texts:
        train = replace(train, texts=_texts(config, train))
    return RatingSplits(train, valid, test)


def aligned(name: str, found: pd.DataFrame, expected: RatingRows) -> NDArray[np.float64]:
    """Predictions in the order of the expected rows, after a check that they are for the same rows.

    Args:
        name: Name of what predicted.
        found: Columns ``user``, ``item``, ``rating`` and ``predicted``, one row per predicted interaction.
        expected: The rows that every row of the table is tested on.

    Raises:
        DataError: They are for other interactions, for other ratings, or a pair of user and item occurs twice.
    """
    table = found.set_index(["user", "item"])
    for index in (table.index, expected.pairs):
        if index.has_duplicates:
            user, item = index[index.duplicated()][0]
            raise DataError(
                f"User {user!r} and item {item!r} are tested several times, so predictions cannot be told apart: keep "
                "one of them, for example with rm_dup_inter: last."
            )
    different = len(table.index.symmetric_difference(expected.pairs))
    if different:
        raise DataError(
            f"'{name}' cannot be compared with the other rows: of its {len(table)} test interactions and their "
            f"{len(expected)}, {different} are in one of them only: give all the same eval_args, filters and seed."
        )
    table = table.loc[expected.pairs]
    other = np.abs(table["rating"].to_numpy(dtype=np.float64) - expected.ratings) > 10.0**-_DECIMALS * 5
    if other.any():
        place = int(np.flatnonzero(other)[0])
        raise DataError(
            f"'{name}' cannot be compared with the other rows: {int(other.sum())} test interactions have other ratings "
            f"({table['rating'].iloc[place]:g} for {expected.ratings[place]:g}): set normalize_all: False and no "
            "threshold."
        )
    predicted: NDArray[np.float64] = table["predicted"].to_numpy(dtype=np.float64)
    return predicted


def _rows(dataset: Any, field: str) -> RatingRows:
    table = dataset.inter_feat
    if field not in table:
        raise ConfigurationError(
            f"The column '{field}' is not loaded, so there are no ratings to predict: add it to load_col.inter, or set "
            "RATING_FIELD."
        )
    if not isinstance(table, OrderedRows):
        raise ConfigurationError(
            f"{type(dataset).__name__} does not keep the exact order of time: take the splits of one of our models."
        )
    users, ranks = table[dataset.uid_field].numpy(), table.ranks.numpy()
    order = np.lexsort((ranks, users))
    tokens = {
        key: np.asarray(dataset.field2id_token[key], dtype=np.str_) for key in (dataset.uid_field, dataset.iid_field)
    }
    return RatingRows(
        users=tokens[dataset.uid_field][users[order]],
        items=tokens[dataset.iid_field][table[dataset.iid_field].numpy()[order]],
        ratings=table[field].numpy()[order].astype(np.float64).round(_DECIMALS),
        ranks=ranks[order],
    )


def _texts(config: Any, train: RatingRows) -> NDArray[np.object_]:
    """The same texts that RecCoT reads, headlines included."""
    found = review_texts(config, train.users, train.items)
    if not any(found):
        raise DataError(
            f"No training interaction of {config['dataset']} has a review: give a file with a column of review text."
        )
    return found
