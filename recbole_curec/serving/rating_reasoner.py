"""Predicted ratings of any users and items, and the past statements that each of them rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.interaction import Interaction

from recbole_curec.backbones.lookup import RATING_MODEL
from recbole_curec.errors import ConfigurationError
from recbole_curec.explanations.explained_ratings import RatedItem
from recbole_curec.explanations.ratings import RatedPair, Side, Statement
from recbole_curec.model.rating.leaving_out import LeftOut, leave_one_out
from recbole_curec.model.rating.reccot import ITEM_REVIEWS, USER_REVIEWS
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.loading import LoadedRun, device_of
from recbole_curec.plugin.review_features import planned_review_artifacts
from recbole_curec.serving.ids import check_ids, known_ids
from recbole_curec.serving.quoted_reviews import QuotedReviews
from recbole_curec.serving.rated_rows import RatedRows
from recbole_curec.serving.served import Served
from recbole_curec.serving.titles import item_titles
from recbole_curec.settings.travel import settings_of

Pair = tuple[str, str]
_AT_ONCE = 1024


class RatingReasoner(Served):
    """Predicts ratings, and says what they rest on.

    A pair that the data hold is predicted as of its own time, so that a tested rating is explained as it was tested;
    any other pair as of today. Only training reviews are read, and never the pair's own.

    Args:
        run: The loaded run of the rating model.

    Raises:
        ConfigurationError: It is a run of another model, or of one that reads no reviews.
    """

    def __init__(self, run: LoadedRun) -> None:
        if run.config["model"] != RATING_MODEL:
            raise ConfigurationError(
                f"'{run.checkpoint}' is of {run.config['model']}, which predicts no ratings: give a checkpoint of "
                f"{RATING_MODEL}."
            )
        if not settings_of(run.config).reccot.reads_reviews:
            raise ConfigurationError(
                f"'{run.checkpoint}' predicts from ids alone, so its ratings rest on no statement: give the checkpoint "
                "of a run with reccot.use: reviews."
            )
        super().__init__(run)
        self._training = run.training
        self._rows = self._training.train_reviews()

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title by original item id; empty if the dataset has no item text."""
        return item_titles(self._run.config, self._training)

    def everybody(self) -> list[str]:
        """Original ids of all users with a rating."""
        return [str(self.user_tokens[user]) for user in self._rated.users]

    def history(self, user: str) -> list[RatedItem]:
        """What a user rated, in all splits, oldest first.

        Args:
            user: Original user id.

        Raises:
            DataError: The user is not in the data.
        """
        (number,) = known_ids(self._users, [user], "user")
        return [RatedItem(str(self.item_tokens[one.item]), one.rating) for one in self._rated.of_user(number)]

    def rate(self, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Predicted ratings, shape ``(n,)``.

        Args:
            pairs: User and item, original ids.

        Raises:
            DataError: A user or an item is not in the data.
        """
        found = [self._predicted(batch) for _, batch in self._batches(pairs)]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)

    def best(self, user: str, k: int) -> list[Pair]:
        """The pairs of a user with the ``k`` items of the highest predicted ratings among those the user has not rated.

        Args:
            user: Original user id.
            k: How many, at most.

        Raises:
            DataError: The user is not in the data.
        """
        (number,) = known_ids(self._users, [user], "user")
        rated = {one.item for one in self._rated.of_user(number)}
        pairs = [(user, item) for item, place in self._items.items() if place not in rated]
        order = np.argsort(-self.rate(pairs), kind="stable")[:k]
        return [pairs[place] for place in order.tolist()]

    def write(self, pairs: Sequence[Pair]) -> list[RatedPair]:
        """Predicted ratings with the past statements they rest on.

        Args:
            pairs: User and item, original ids.

        Raises:
            DataError: A user or an item is not in the data.
            CheckpointError: The chains of the run are not where its settings say.
        """
        found: list[RatedPair] = []
        for part, batch in self._batches(pairs):
            left, ratings = leave_one_out(self._run.model, batch), self._predicted(batch)
            parts = self._run.model.parts(batch).cpu().numpy()  # (B, 3)
            for row, (user, item) in enumerate(part):
                mean, user_bias, item_bias = (float(value) for value in parts[row])
                given = self._rated.of_pair(self._users[user], self._items[item])
                found.append(
                    RatedPair(
                        user=user,
                        item=item,
                        rating=float(ratings[row]),
                        mean=mean,
                        user_bias=user_bias,
                        item_bias=item_bias,
                        added=float(left.rating[row]) - mean - user_bias - item_bias,
                        statements=self._statements(batch, left, row),
                        true_rating=None if given is None else given.rating,
                        split=None if given is None else given.split,
                    )
                )
        return found

    def _statements(self, batch: Interaction, left: LeftOut, row: int) -> tuple[Statement, ...]:
        sides: tuple[tuple[Side, str, torch.Tensor], ...] = (
            ("user", USER_REVIEWS, left.user),
            ("item", ITEM_REVIEWS, left.item),
        )
        found = [
            Statement(**vars(self._said.of(number - 1)), side=side, change=change)
            for side, column, changes in sides
            for number, change in zip(batch[column][row].tolist(), changes[row].tolist(), strict=True)
            if number
        ]
        return tuple(sorted(found, key=lambda told: -abs(told.change)))

    def _predicted(self, batch: Interaction) -> NDArray[np.float32]:
        with torch.no_grad():
            found: NDArray[np.float32] = self._run.model.predict(batch).cpu().numpy()
        return found

    def _batches(self, pairs: Sequence[Pair]) -> Iterator[tuple[Sequence[Pair], Interaction]]:
        """Pairs with their rows: ids, and the numbers of the past reviews of both sides."""
        check_ids("pairs", pairs)
        users = known_ids(self._users, [user for user, _ in pairs], "user")
        items = known_ids(self._items, [item for _, item in pairs], "item")
        for start in range(0, len(pairs), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            ids = list(zip(users[part], items[part], strict=True))
            rows = Interaction(
                {self._user_field: torch.tensor(users[part]), self._item_field: torch.tensor(items[part])}
            )
            ranks = np.array([self._rated.rank(*pair) for pair in ids], dtype=np.int64)
            rows = self._training.with_past_reviews(rows, ranks)
            yield pairs[part], rows.to(device_of(self._run.model))

    @cached_property
    def _rated(self) -> RatedRows:
        return RatedRows([dataset_of(loader) for loader in self._run.splits])

    @cached_property
    def _said(self) -> QuotedReviews:
        """The training reviews and what was written about each, in the order of their numbers."""
        planned = planned_review_artifacts(self._run.config, self._rows)
        for stage in ("read", "write"):
            planned[stage].needed_by(self._run.checkpoint)
            planned[stage].undamaged()
        return QuotedReviews.load(self._run.config, planned["read"].folder, planned["write"].folder)
