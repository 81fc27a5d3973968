"""The dataset of ``RecCoT``: ratings on their own scale, and the past training reviews that each row may read."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.interaction import Interaction

from recbole_curec.data.past_reviews import PastReviews
from recbole_curec.errors import DataError
from recbole_curec.model.rating.reccot import ANY_FOLD, ITEM_REVIEWS, REVIEW_FOLD, USER_REVIEWS
from recbole_curec.plugin.exact_order import ExactOrder
from recbole_curec.plugin.restored import restored_dim
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.source import fold_of
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainReviews:
    """The ratings of the training split, sorted by original user id and exact time; their texts are read elsewhere.

    Attributes:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        user_ids: RecBole's user ids, shape ``(N,)``.
        item_ids: RecBole's item ids, shape ``(N,)``.
        ratings: Ratings on their own scale, shape ``(N,)``.
        ranks: Exact time rank of every row among all rows, held-out ones included, shape ``(N,)``.
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    user_ids: NDArray[np.int64]
    item_ids: NDArray[np.int64]
    ratings: NDArray[np.float64]
    ranks: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of training reviews."""
        return len(self.users)


class RecCoTDataset(ExactOrder):
    """RecBole's ``Dataset`` for ``RecCoT``.

    A batch has three more columns: the numbers of the past reviews of its users and of its items, and the fold whose
    review vectors may be read. Only training reviews are among them, never the row's own, and with ``order: TO`` only
    strictly earlier ones.

    A training row reads the vectors of its own fold, and of other folds only the words, which no rating took part in.
    The rest was made by models that were trained on the row's own review and rating: it tells of the rating what no
    tested row has, and a rating model learns to rely on it.
    """

    _past: PastReviews | None = None  # shared by the three splits, like those below
    _reviews: TrainReviews | None = None
    _scale: RatingScale | None = None
    _vectors: NDArray[np.float32] | None = None
    _folds: NDArray[np.int64] | None = None  # of the training split alone: fold of every row by its rank

    def _fill_nan(self) -> None:
        # Before RecBole puts the mean in the place of what is missing.
        ratings = self.inter_feat[self.label_field]
        missing = int(ratings.isna().sum())
        if missing:
            raise DataError(
                f"{missing} of {len(ratings)} interactions have no '{self.label_field}', which RecCoT predicts: give "
                f"them one, or leave them out with val_interval: {{'{self.label_field}': '(-inf,inf)'}}."
            )
        super()._fill_nan()

    def build(self) -> list[Any]:
        """Split as RecBole does, and put the training rows into an order that no held-out row can change.

        Raises:
            DataError: The training split is empty, has ratings of one value only, or reviews an item twice.
        """
        splits = super().build()
        training = splits[0]
        training.inter_feat = training.inter_feat[_canonical_order(training)]
        reviews = _train_reviews(training)
        scale = RatingScale.of(reviews.ratings)  # raises the DataError
        past = PastReviews(
            users=reviews.user_ids,
            items=reviews.item_ids,
            ranks=reviews.ranks,
            longest=settings_of(self.config).reccot.review_history,
            chronological=self.config["eval_args"]["order"] == "TO",
        )
        for split in splits:
            split._reviews, split._scale, split._past = reviews, scale, past
        training._folds = np.full(int(reviews.ranks.max()) + 1, ANY_FOLD)
        training._folds[reviews.ranks] = fold_of(reviews.users, reviews.items, settings_of(self.config).read.folds)
        return splits

    def review_folds(self) -> NDArray[np.int64]:
        """Fold of every training review, as RecCoT's stages deal them, shape ``(N,)``; the training split knows it."""
        if self._folds is None:
            raise RuntimeError("review_folds is known after build(), to the training split")
        return self._folds[self.train_reviews().ranks]

    def train_reviews(self) -> TrainReviews:
        """The ratings of the training split; every split knows them."""
        if self._reviews is None:
            raise RuntimeError("train_reviews is known after build()")
        return self._reviews

    @property
    def rating_scale(self) -> RatingScale:
        """The ratings of the training split and how often each occurs; every split knows them."""
        if self._scale is None:
            raise RuntimeError("rating_scale is known after build()")
        return self._scale

    @property
    def review_vectors(self) -> NDArray[np.float32]:
        """Vector of every training review, in the order of :meth:`train_reviews`, shape ``(N, D)``.

        The first access runs RecCoT's stages, or reads their existing artifacts.
        """
        if self._vectors is None:
            dim = restored_dim(self.config)
            if dim is not None:
                self._vectors = np.zeros((len(self.train_reviews()), dim), dtype=np.float32)
            else:
                from recbole_curec.plugin.review_features import (
                    review_vectors,
                )  # imports the language model's libraries

                found = review_vectors(self.config, self.train_reviews())
                self._vectors = in_order(found, self.train_reviews())
        return self._vectors

    @review_vectors.setter
    def review_vectors(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def rows_by_id(self, side: str) -> NDArray[np.int64]:
        """Number of every user or item among those with training reviews, by RecBole's id; 0 if it has none.

        They are numbered by sorted original id: RecBole's own numbers depend on held-out rows.

        Args:
            side: ``user`` or ``item``.
        """
        reviews = self.train_reviews()
        ids, tokens = (reviews.user_ids, reviews.users) if side == "user" else (reviews.item_ids, reviews.items)
        rows = np.zeros(self.user_num if side == "user" else self.item_num, dtype=np.int64)
        rows[ids] = np.unique(tokens, return_inverse=True)[1] + 1
        return rows

    def id_maps(self) -> dict[str, str]:
        """What tells a checkpoint's data from others: ids as JSON in the order of RecBole's, hash of training."""
        history = self.train_history()
        return {
            "user_tokens": json.dumps(history.user_tokens.tolist()),
            "item_tokens": json.dumps(history.item_tokens.tolist()),
            "training": history.digest(),
        }

    def __getitem__(self, index: Any, join: bool = True) -> Interaction:
        """Rows with the numbers of their past reviews, item and user columns joined unless ``join`` is False."""
        rows = self.inter_feat[index]
        if self._past is not None:
            ranks = rows.ranks.numpy()
            rows = self.with_past_reviews(rows, ranks, None if self._folds is None else self._folds[ranks])
        return self.join(rows) if join else rows

    def with_past_reviews(
        self, rows: Interaction, ranks: NDArray[np.int64], folds: NDArray[np.int64] | None = None
    ) -> Interaction:
        """Rows of users and items, with the numbers of the past reviews of both, and the fold that may be read.

        Args:
            rows: Rows with RecBole's ids of users and items.
            ranks: Exact time rank of every row, shape ``(B,)``; one above all others for a row of today.
            folds: Fold of every row, shape ``(B,)``; None where the vectors of all folds may be read.
        """
        past = self._past
        if past is None:
            raise RuntimeError("past reviews are known after build()")
        users, items = (np.atleast_1d(rows[field].numpy()) for field in (self.uid_field, self.iid_field))
        readable = np.full(len(users), ANY_FOLD) if folds is None else np.atleast_1d(folds)
        rows.update(
            Interaction(
                {
                    USER_REVIEWS: torch.from_numpy(past.of_users(users, items, ranks)),
                    ITEM_REVIEWS: torch.from_numpy(past.of_items(users, items, ranks)),
                    REVIEW_FOLD: torch.from_numpy(readable),
                }
            )
        )
        return rows


def in_order(found: ReviewVectors, reviews: TrainReviews) -> NDArray[np.float32]:
    """Vectors of reviews in the order of the training reviews.

    Raises:
        DataError: A training review has no vector.
    """
    rows = found.lookup(reviews.users, reviews.items)
    missing = np.flatnonzero(rows < 0)
    if len(missing):
        user, item = str(reviews.users[missing[0]]), str(reviews.items[missing[0]])
        raise DataError(
            f"{len(missing)} of {len(reviews)} training reviews have no vector, such as that of user {user!r} and item "
            f"{item!r}: the artifact of stage embed belongs to other data: remove it."
        )
    return found.vectors[rows]


def _canonical_order(training: Any) -> NDArray[np.int64]:
    """Order of the rows of a split by original user id, then exact time."""
    tokens = np.asarray(training.field2id_token[training.uid_field], dtype=np.str_)
    place = np.argsort(np.argsort(tokens, kind="stable"), kind="stable")
    rows = training.inter_feat
    order: NDArray[np.int64] = np.lexsort((rows.ranks.numpy(), place[rows[training.uid_field].numpy()]))
    return order


def _train_reviews(training: Any) -> TrainReviews:
    rows = training.inter_feat
    users, items = (rows[field].numpy() for field in (training.uid_field, training.iid_field))
    # RecBole holds 3.7 as the float32 next to it; the shortest number that is read as the same float32 is the file's.
    levels, level = np.unique(rows[training.label_field].numpy(), return_inverse=True)
    return TrainReviews(
        users=np.asarray(training.field2id_token[training.uid_field], dtype=np.str_)[users],
        items=np.asarray(training.field2id_token[training.iid_field], dtype=np.str_)[items],
        user_ids=users,
        item_ids=items,
        ratings=levels.astype(str).astype(np.float64)[level],
        ranks=rows.ranks.numpy(),
    )
