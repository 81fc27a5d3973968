"""Scores of every item by a trained recommender, for any user with any history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.data.interaction import Interaction
from recbole.utils import ModelType

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.loading import device_of

# Largest number of scores held at once, which limits the users per batch.
_SCORES_AT_ONCE = 1 << 25
_MOST_USERS = 256


class ModelScorer:
    """Scores all items for users with histories.

    Args:
        model: The recommender, in evaluation mode.
        config: RecBole's config.
        training: Dataset of the training split.
    """

    def __init__(self, model: Any, config: Any, training: Any) -> None:
        self._model, self._config, self._training = model, config, training
        self.sequential = config["MODEL_TYPE"] == ModelType.SEQUENTIAL
        self.n_items = int(training.item_num)
        self._user_field, self._item_field = training.uid_field, training.iid_field

    @property
    def name(self) -> str:
        """The model, with its backbone, for messages."""
        backbone = f" (backbone: {self._config['recommend.backbone']})" if self._config["model"] in OUR_MODELS else ""
        return f"{self._config['model']}{backbone}"

    @torch.no_grad()
    def scores(self, users: Sequence[int], histories: Sequence[NDArray[np.int64]]) -> torch.Tensor:
        """Scores of every item, padding included, shape ``(B, n_items)``.

        Args:
            users: Internal user ids.
            histories: Internal ids of the items each has taken, oldest first; a model with a vector per user does not
                read them.

        Raises:
            ConfigurationError: The model reads more of an interaction than a history gives.
        """
        batch = self.batch(users, histories)
        try:
            scores = self._full_sort(batch)
        except NotImplementedError:
            scores = self._pair_scores(batch)
        except KeyError as error:
            raise ConfigurationError(
                f"model: {self.name} reads the column {error} of an interaction, which a history alone does not "
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
        items = self._training.get_item_feature().to(device_of(self._model))
        rows = []
        for row in range(len(batch)):
            pairs = batch[row : row + 1].repeat_interleave(self.n_items)
            pairs.update(items)
            rows.append(self._model.predict(pairs))
        return torch.stack(rows)

    def batch(self, users: Sequence[int], histories: Sequence[NDArray[np.int64]]) -> Interaction:
        """What the model reads of users with histories, on its device; see :meth:`scores`."""
        device = device_of(self._model)
        columns = {self._user_field: torch.tensor(list(users))}
        if not self.sequential:
            return self._training.join(Interaction(columns)).to(device)
        longest = int(self._config["MAX_ITEM_LIST_LENGTH"])
        table = torch.zeros(len(histories), longest, dtype=torch.int64)
        lengths = torch.ones(len(histories), dtype=torch.int64)
        for row, history in enumerate(histories):
            recent = torch.from_numpy(history[-longest:].copy())
            table[row, : len(recent)] = recent
            lengths[row] = max(len(recent), 1)
        columns[self._item_field + self._config["LIST_SUFFIX"]] = table
        columns[self._config["ITEM_LIST_LENGTH_FIELD"]] = lengths
        return Interaction(columns).to(device)


def users_at_once(n_items: int) -> int:
    """Users whose scores of ``n_items`` items each are held at once."""
    return max(1, min(_MOST_USERS, _SCORES_AT_ONCE // max(n_items, 1)))
