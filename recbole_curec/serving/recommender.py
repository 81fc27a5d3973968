"""Top-K lists of a trained recommender: for known users, for new users with a given history, or for all users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from recbole.data.interaction import Interaction
from recbole.utils import ModelType

from recbole_curec.backbones.lookup import OUR_MODELS, RATING_MODEL
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.histories import known_histories
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.loading import LoadedRun, device_of
from recbole_curec.serving.ids import check_ids, known_ids
from recbole_curec.serving.served import Served
from recbole_curec.serving.titles import item_titles

# Largest number of scores held at once, which limits the users per batch.
_SCORES_AT_ONCE = 1 << 25
_MOST_USERS = 256
# Name of a user who is not in the data, in lists.
NEW_USER = "new user"


class Recommender(Served):
    """Ranks all items for users, from a checkpoint.

    A known user's history contains all of the user's interactions in the dataset, validation and test interactions
    included: it is only the input of the recommendation.

    Args:
        run: The loaded run.

    Raises:
        ConfigurationError: Its model ranks nothing.
    """

    def __init__(self, run: LoadedRun) -> None:
        if run.config["model"] == RATING_MODEL:
            raise ConfigurationError(
                f"'{run.checkpoint}' is of {RATING_MODEL}, which predicts ratings and ranks nothing: give a checkpoint "
                "of a model that ranks, such as CURec."
            )
        super().__init__(run)
        self._model, training = run.model, run.training
        self.sequential = run.config["MODEL_TYPE"] == ModelType.SEQUENTIAL
        self._histories = known_histories([dataset_of(loader) for loader in run.splits])
        self.batch_size = max(1, min(_MOST_USERS, _SCORES_AT_ONCE // max(training.item_num, 1)))

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
        if history is None:
            numbers = known_ids(self._users, users, "user", "an original id, or the history of a new user")
            read = [self._histories.of_user(number) for number in numbers]
        else:
            numbers = [0]
            read = [np.array(known_ids(self._items, history, "item", "original ids"), dtype=np.int64)]
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
                f"model: {self._name()} keeps a vector per user and has none for a new one: give users, or train a "
                "sequential model (model: CURec), which reads a history."
            )
        if len(items) == 0:
            raise DataError("The history is empty: give at least one item, oldest first.")
        numbers = known_ids(self._items, items, "item", "original ids, as the item file has them")
        history = np.array(numbers, dtype=np.int64)
        if self._reads_user(history):
            raise ConfigurationError(
                f"model: {self._name()} reads a vector per user beside the history and has none for a new one: give "
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
        scores[:, 0] = -torch.inf
        if not keep:
            for row, history in enumerate(histories):
                scores[row, torch.from_numpy(np.unique(history)).to(scores.device)] = -torch.inf
        top = torch.topk(scores, min(k, scores.shape[1] - 1), dim=1)
        values, items = top.values.cpu().numpy(), top.indices.cpu().numpy()  # (B, K)
        inside = np.isfinite(values)
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

    def _scores(self, users: Sequence[int], histories: Sequence[NDArray[np.int64]]) -> torch.Tensor:
        batch = self._batch(users, histories).to(device_of(self._model))
        try:
            scores = self._full_sort(batch)
        except NotImplementedError:
            scores = self._pair_scores(batch)
        except KeyError as error:
            raise ConfigurationError(
                f"model: {self._name()} reads the column {error} of an interaction, which a history alone does not "
                "give: use RecBole's full_sort_topk over the test split for it."
            ) from error
        return scores.view(len(users), -1).float()

    def _full_sort(self, batch: Interaction) -> torch.Tensor:
        scores: torch.Tensor
        try:
            scores = self._model.full_sort_predict(batch)
        except KeyError as error:
            if error.args != (self._item_field,):
                raise
            # The CPR models compute an unused loss that needs the next item, which is unknown here.
            batch.update(Interaction({self._item_field: torch.zeros_like(batch[self._user_field])}))
            scores = self._model.full_sort_predict(batch)
        return scores

    def _pair_scores(self, batch: Interaction) -> torch.Tensor:
        """Scores of recommenders that score one user-item pair at a time, such as DIN."""
        training, count = self._run.training, len(self.item_tokens)
        items = training.get_item_feature().to(device_of(self._model))
        rows = []
        for row in range(len(batch)):
            pairs = batch[row : row + 1].repeat_interleave(count)
            pairs.update(items)
            rows.append(self._model.predict(pairs))
        return torch.stack(rows)

    def _batch(self, users: Sequence[int], histories: Sequence[NDArray[np.int64]]) -> Interaction:
        columns = {self._user_field: torch.tensor(list(users))}
        if not self.sequential:
            return self._run.training.join(Interaction(columns))
        longest = int(self._run.config["MAX_ITEM_LIST_LENGTH"])
        table = torch.zeros(len(histories), longest, dtype=torch.int64)
        lengths = torch.ones(len(histories), dtype=torch.int64)
        for row, history in enumerate(histories):
            recent = torch.from_numpy(history[-longest:].copy())
            table[row, : len(recent)] = recent
            lengths[row] = max(len(recent), 1)
        columns[self._item_field + self._run.config["LIST_SUFFIX"]] = table
        columns[self._run.config["ITEM_LIST_LENGTH_FIELD"]] = lengths
        return Interaction(columns)

    def _name(self) -> str:
        config = self._run.config
        backbone = f" (backbone: {config['recommend.backbone']})" if config["model"] in OUR_MODELS else ""
        return f"{config['model']}{backbone}"


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
