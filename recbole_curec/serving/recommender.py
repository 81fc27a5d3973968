"""Top-K lists of a trained recommender: for known users, for new users with a given history, or for all users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from recbole_curec.backbones.lookup import RATING_MODEL
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.histories import known_histories
from recbole_curec.plugin.loaded_ranker import ranker_of
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.loading import LoadedRun
from recbole_curec.plugin.scoring import ModelScorer, users_at_once
from recbole_curec.ranking.candidates import Queries, without_history
from recbole_curec.ranking.reranker import Moved
from recbole_curec.serving.ids import check_ids, known_ids
from recbole_curec.serving.served import Served
from recbole_curec.serving.titles import item_titles

# Name of a user who is not in the data, in lists.
NEW_USER = "new user"


class Recommender(Served):
    """Ranks all items for users, from a checkpoint.

    A known user's history contains all of the user's interactions in the dataset, validation and test interactions
    included: it is only the input of the recommendation.

    Where the run was trained with a ranker that is in use, lists are in its order; scores stay the recommender's, so
    within the candidates of the ranker they need not fall.

    Args:
        run: The loaded run.

    Raises:
        ConfigurationError: Its model ranks nothing.
        CheckpointError: It was trained with a ranker, whose files cannot be used.

    Attributes:
        ranker: The ranker in use; None where lists are in the recommender's order.
    """

    def __init__(self, run: LoadedRun) -> None:
        if run.config["model"] == RATING_MODEL:
            raise ConfigurationError(
                f"'{run.checkpoint}' is of {RATING_MODEL}, which predicts ratings and ranks nothing: give a checkpoint "
                "of a model that ranks, such as CURec."
            )
        super().__init__(run)
        self._scorer = scorer = ModelScorer(run.model, run.config, run.training)
        self._scores, self._name, self.sequential = scorer.scores, scorer.name, scorer.sequential
        self.ranker = ranker_of(run)
        self._histories = known_histories([dataset_of(loader) for loader in run.splits])
        self.batch_size = users_at_once(run.training.item_num)

    @property
    def config(self) -> Any:
        """RecBole's config of the run."""
        return self._run.config

    def titles(self) -> dict[str, str]:
        """Title by original item id; empty if the dataset has no item text."""
        return item_titles(self._run.config, self._run.training)

    def lists(
        self, users: Sequence[str] | None, history: Sequence[str] | None, k: int, *, keep_history: bool = False
    ) -> Iterator[pd.DataFrame]:
        """Lists of a new user if a history is given, else of the given users, else of everybody, in tables."""
        if history is not None:
            yield self.for_history(history, k, user=NEW_USER, keep_history=keep_history)
        elif users is not None:
            yield self.for_users(users, k, keep_history=keep_history)
        else:
            yield from self.for_everybody(k, keep_history=keep_history)

    def for_users(self, users: Sequence[str], k: int, *, keep_history: bool = False) -> pd.DataFrame:
        """Lists of known users.

        Args:
            users: Original user ids.
            k: Length of a list; lists are shorter if there are fewer items.
            keep_history: Whether items of the user's own history may be recommended.

        Returns:
            Columns ``user``, ``rank`` (1 is best), ``item`` and ``score``, in the order of ``users``.

        Raises:
            DataError: A user is unknown.
        """
        check_ids("users", users)
        numbers = known_ids(self._users, users, "user", "an original id, or the history of a new user")
        return _joined(self._batches(numbers, k, keep_history))

    def histories(self, users: Sequence[str]) -> dict[str, list[str]]:
        """What known users have taken, original item ids by user, oldest first.

        Raises:
            DataError: A user is unknown.
        """
        numbers = known_ids(self._users, users, "user", "an original id, or the history of a new user")
        return {
            str(user): self.item_tokens[self._histories.of_user(number)].tolist()
            for user, number in zip(users, numbers, strict=True)
        }

    def check_items(self, items: Sequence[str]) -> None:
        """Check that items are in the data.

        Raises:
            DataError: One is not.
        """
        known_ids(self._items, items, "item", "original ids, as the item file has them")

    def everybody(self) -> list[str]:
        """Original ids of all users with an interaction."""
        return [str(token) for token in self.user_tokens[self._histories.users]]

    @torch.no_grad()
    def scores_of(self, pairs: Sequence[tuple[str, str]], history: Sequence[str] | None = None) -> torch.Tensor:
        """Scores of users and items, shape ``(n,)``.

        Args:
            pairs: Original ids of user and item.
            history: The history of one new user, original item ids, oldest first; None for known users.

        Raises:
            DataError: A user or an item is unknown.
        """
        items = torch.tensor(known_ids(self._items, [item for _, item in pairs], "item", "an original id"))
        users = list(dict.fromkeys(user for user, _ in pairs))
        numbers, read = self._read(users, history)
        found = torch.empty(len(pairs))
        rows: dict[str, list[int]] = {user: [] for user in users}
        for row, (user, _) in enumerate(pairs):
            rows[user].append(row)
        for start in range(0, len(users), self.batch_size):
            part = slice(start, start + self.batch_size)
            scores = self._scores(numbers[part], read[part]).cpu()
            for row, user in enumerate(users[part]):
                found[rows[user]] = scores[row, items[rows[user]]]
        return found

    @torch.no_grad()
    def moves_of(self, users: Sequence[str], history: Sequence[str] | None = None) -> dict[str, dict[str, Moved]]:
        """What the ranker did to the candidates of users, by user and item; empty without a ranker.

        Args:
            users: Original user ids, or the name of one new user.
            history: The new user's history, original item ids, oldest first; None for known users.
        """
        if self.ranker is None:
            return {}
        numbers, read = self._read(users, history)
        found: dict[str, dict[str, Moved]] = {}
        for start in range(0, len(users), self.batch_size):
            part = slice(start, start + self.batch_size)
            queries = Queries(np.array(numbers[part], dtype=np.int64), read[part])
            moves = self.ranker.reranker.moves(self._scores(numbers[part], read[part]), queries)
            for user, of_user in zip(users[part], moves, strict=True):
                found[user] = {str(self.item_tokens[item]): moved for item, moved in of_user.items()}
        return found

    def _read(self, users: Sequence[str], history: Sequence[str] | None) -> tuple[list[int], list[NDArray[np.int64]]]:
        """Internal ids and histories of known users, or of one new user."""
        if history is not None:
            return [0], [np.array(known_ids(self._items, history, "item", "original ids"), dtype=np.int64)]
        numbers = known_ids(self._users, users, "user", "an original id, or the history of a new user")
        return numbers, [self._histories.of_user(number) for number in numbers]

    @torch.no_grad()
    def scores_after(self, user: str, item: str, histories: Sequence[Sequence[str]]) -> list[float]:
        """An item's score for a known user of a sequential model after each of some histories.

        Args:
            user: Original user id.
            item: Original item id.
            histories: Original item ids, oldest first.
        """
        (number,) = known_ids(self._users, [user], "user")
        (wanted,) = known_ids(self._items, [item], "item")
        read = [np.array(known_ids(self._items, history, "item"), dtype=np.int64) for history in histories]
        return [float(score) for score in self._scores([number] * len(read), read)[:, wanted]]

    def for_history(self, items: Sequence[str], k: int, *, user: str = "", keep_history: bool = False) -> pd.DataFrame:
        """The list of a user who is not in the data, from a given history.

        Args:
            items: Original item ids, oldest first.
            k: Length of the list.
            user: Name of the user in the result.
            keep_history: Whether items of the history may be recommended.

        Raises:
            DataError: An item is unknown.
            ConfigurationError: The recommender needs a vector per user.
        """
        check_top_k(k)
        check_ids("history", items)
        if not self.sequential:
            raise ConfigurationError(
                f"model: {self._name} keeps a vector per user and has none for a new one: give users, or train a "
                "sequential model (model: CURec), which reads a history."
            )
        if len(items) == 0:
            raise DataError("The history is empty: give at least one item, oldest first.")
        numbers = known_ids(self._items, items, "item", "original ids, as the item file has them")
        history = np.array(numbers, dtype=np.int64)
        if self._reads_user(history):
            raise ConfigurationError(
                f"model: {self._name} reads a vector per user beside the history and has none for a new one: give "
                "users, or train another backbone, such as SASRec."
            )
        return self._ranked([user], [0], [history], k, keep_history)

    def for_everybody(self, k: int, *, keep_history: bool = False) -> Iterator[pd.DataFrame]:
        """Lists of all users with an interaction, one table per batch in the format of :meth:`for_users`."""
        yield from self._batches(self._histories.users.tolist(), k, keep_history)

    def _batches(self, users: Sequence[int], k: int, keep_history: bool) -> Iterator[pd.DataFrame]:
        check_top_k(k)
        for start in range(0, len(users), self.batch_size):
            part = list(users[start : start + self.batch_size])
            histories = [self._histories.of_user(user) for user in part]
            yield self._ranked([str(self.user_tokens[user]) for user in part], part, histories, k, keep_history)

    @torch.no_grad()
    def _ranked(
        self, names: Sequence[str], users: Sequence[int], histories: Sequence[NDArray[np.int64]], k: int, keep: bool
    ) -> pd.DataFrame:
        scores = self._scores(users, histories)  # (B, n_items)
        ordered = scores
        if self.ranker is not None:
            ordered = self.ranker.reranker.rerank(scores, Queries(np.array(users, dtype=np.int64), histories))
        ordered = without_history(ordered, histories if not keep else [history[:0] for history in histories])
        top = torch.topk(ordered, min(k, scores.shape[1] - 1), dim=1)
        items = top.indices.cpu().numpy()  # (B, K)
        inside = np.isfinite(top.values.cpu().numpy())
        values = scores.gather(1, top.indices).cpu().numpy()
        ranks = np.broadcast_to(np.arange(1, values.shape[1] + 1), values.shape)
        return pd.DataFrame(
            {
                "user": np.repeat(np.asarray(names, dtype=object), values.shape[1])[inside.ravel()],
                "rank": ranks[inside],
                "item": self.item_tokens[items[inside]],
                "score": values[inside],
            }
        )

    @torch.no_grad()
    def _reads_user(self, history: NDArray[np.int64]) -> bool:
        """Whether the scores depend on the user in addition to the history, as in FPMC and Caser."""
        first, second = self._scores([0, 1], [history, history])
        return not torch.allclose(first, second, equal_nan=True)


def check_top_k(k: int) -> None:
    """Check the length of a list.

    Raises:
        ConfigurationError: It is below 1.
    """
    if k < 1:
        raise ConfigurationError(f"top_k: {k} must be at least 1.")


def _joined(tables: Iterator[pd.DataFrame]) -> pd.DataFrame:
    found = list(tables)
    if not found:
        return pd.DataFrame({"user": [], "rank": [], "item": [], "score": []})
    return pd.concat(found, ignore_index=True)
