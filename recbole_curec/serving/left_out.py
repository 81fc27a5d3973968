"""Scores of items when some of a user's past items are left out, without training again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.loading import LoadedRun
from recbole_curec.serving.recommender import Recommender
from recbole_curec.serving.sources import forget_kept_vectors

# RecBole adds it to every degree of its graphs.
_EPSILON = 1e-7
_ROUNDING = 1e-5


class LeftOut(ABC):
    """Scores one item for one user without some of the user's past items."""

    @abstractmethod
    def past(self, user: str) -> list[str]:
        """The user's items that the model reads and that can be left out, original ids."""

    @abstractmethod
    def scores(self, user: str, item: str, without: Sequence[Sequence[str]]) -> list[float]:
        """The item's score for every list of items that are left out.

        Args:
            user: Original user id.
            item: Original item id.
            without: Original ids of past items to leave out; an empty list leaves out nothing.
        """


def left_out(run: LoadedRun) -> LeftOut:
    """What leaves items out of a run's model: of its input, or of the graph it reads.

    Raises:
        ConfigurationError: The model keeps what it knows of a user in a vector, and would have to be trained again.
    """
    recommender = Recommender(run)
    if recommender.sequential:
        return _OfHistory(recommender)
    backbones = [tower.backbone for tower in getattr(run.model, "towers", [])]
    backbones = backbones or [getattr(run.model, "backbone", run.model)]
    backbone = backbones[0]
    if isinstance(getattr(backbone, "norm_adj_matrix", None), torch.Tensor):
        return _OfGraph(run, recommender, backbones)
    raise ConfigurationError(
        f"model: {type(backbone).__name__} keeps what it knows of a user in a vector, so no item can be left out "
        "without training again: use a sequential model, or one that reads the graph of interactions, such as LightGCN."
    )


class _OfHistory(LeftOut):
    """Items are left out of the history that a sequential model reads."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender

    def past(self, user: str) -> list[str]:
        return self._whole(user)[-int(self._recommender.config["MAX_ITEM_LIST_LENGTH"]) :]

    def _whole(self, user: str) -> list[str]:
        return self._recommender.histories([user])[user]

    def scores(self, user: str, item: str, without: Sequence[Sequence[str]]) -> list[float]:
        history = self._whole(user)
        left = [[one for one in history if one not in set(items)] for items in without]
        return self._recommender.scores_after(user, item, left)


class _OfGraph(LeftOut):
    """Edges of the user are left out of the normalised graph of training interactions, whose degrees change too."""

    def __init__(self, run: LoadedRun, recommender: Recommender, backbones: Sequence[Any]) -> None:
        self._model, self._recommender, self._backbones = run.model, recommender, backbones
        backbone = backbones[0]  # all towers of a late fusion read the same graph
        self._graph = backbone.norm_adj_matrix.coalesce()
        self._n_users = run.training.user_num
        self._users = {token: number for number, token in enumerate(recommender.user_tokens.tolist())}
        self._items = {token: number for number, token in enumerate(recommender.item_tokens.tolist())}
        rows, columns = self._graph.indices().cpu().numpy()
        rebuilt = _normalised(rows, columns, self._graph.shape[0])
        if not np.allclose(rebuilt, self._graph.values().cpu().numpy(), atol=_ROUNDING):
            raise ConfigurationError(
                f"model: {type(backbone).__name__} weights its graph in another way than by degrees, so no item can be "
                "left out of it: use LightGCN or NGCF."
            )
        self._rows, self._columns = rows, columns

    def past(self, user: str) -> list[str]:
        own = self._columns[self._rows == self._users[user]] - self._n_users
        return [str(token) for token in self._recommender.item_tokens[own]]

    def scores(self, user: str, item: str, without: Sequence[Sequence[str]]) -> list[float]:
        found = []
        for items in without:
            kept = self._kept(self._users[user], [self._items[one] + self._n_users for one in items])
            found.append(self._score(user, item, kept))
        return found

    def _kept(self, user: int, nodes: Sequence[int]) -> NDArray[np.bool_]:
        there = (self._rows == user) & np.isin(self._columns, nodes)
        back = (self._columns == user) & np.isin(self._rows, nodes)
        return np.asarray(~(there | back))

    @torch.no_grad()
    def _score(self, user: str, item: str, kept: NDArray[np.bool_]) -> float:
        rows, columns = self._rows[kept], self._columns[kept]
        values = torch.from_numpy(_normalised(rows, columns, self._graph.shape[0])).to(self._graph.values())
        indices = torch.from_numpy(np.stack([rows, columns])).to(self._graph.device)
        try:
            left = torch.sparse_coo_tensor(indices, values, self._graph.shape).coalesce()
            for backbone in self._backbones:
                backbone.norm_adj_matrix = left
            forget_kept_vectors(self._model)
            return float(self._recommender.scores_of([(user, item)])[0])
        finally:
            for backbone in self._backbones:
                backbone.norm_adj_matrix = self._graph
            forget_kept_vectors(self._model)


def _normalised(rows: NDArray[np.int64], columns: NDArray[np.int64], nodes: int) -> NDArray[np.float64]:
    """Weights ``1 / sqrt(d_i d_j)`` of the edges, as RecBole computes them."""
    degrees = np.bincount(rows, minlength=nodes) + _EPSILON
    return np.asarray(degrees[rows] ** -0.5 * degrees[columns] ** -0.5)
