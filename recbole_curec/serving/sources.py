"""What a score comes from: ids, item text, and reasons or reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import combinations
from math import factorial
from typing import Any

import torch
from torch import nn

from recbole_curec.errors import CheckpointError
from recbole_curec.features.store import FeatureSet, FeatureStore
from recbole_curec.model.fusions.fusion import Fusion, scale_to
from recbole_curec.plugin.loading import LoadedRun

IDS, TEXT, REASONS, REVIEWS, BASE = "ids", "text", "reasons", "reviews", "base"
# Largest difference of a feature between the checkpoint and the artifact it was made from: rounding.
_ROUNDING = 1e-3


class ScoreSources:
    """Splits a model's scores by what its tables are made of.

    The tables of vectors are computed with every subset of the sources: without ``ids``, each id has the mean id
    vector; without ``text`` or what is told, that part of the features is zero, their mean. The contribution of a
    source is its Shapley value over these subsets (Shapley 1953; as for features in Lundberg and Lee 2017,
    arXiv:1705.07874), so contributions and ``base``, the score without any source, add up to the score. Histories and
    items both change, as the whole model reads the tables.

    Args:
        run: The loaded run, of a model with fused tables.
        store: Its semantic vectors.
        told: What is encoded in them beside item text.

    Raises:
        CheckpointError: The store is not the one the model was trained with.
    """

    def __init__(self, run: LoadedRun, store: FeatureStore, told: str = REASONS) -> None:
        self._model, self._told = run.model, told
        training = run.training
        tokens = [training.field2id_token[field] for field in (training.iid_field, training.uid_field)]
        whole, text = store.for_ids(*tokens), store.text_for_ids(*tokens)
        self._tables: list[tuple[Fusion, str, torch.Tensor, torch.Tensor]] = []
        for name, kind in self._model.fused_kinds().items():
            table = self._model.get_submodule(name)
            if table.keeps_features:
                self._tables.append((table, kind, *self._features(table, kind, whole, text)))
        self._plain = [
            (_weight(self._model.get_submodule(name), facts.columns), kind)
            for name, (kind, facts) in self._model.plain_tables().items()
        ]
        has_ids = bool(self._plain) or any(table.table is not None for table, *_ in self._tables)
        has_told = any((semantic - part).abs().max() > _ROUNDING for _, _, semantic, part in self._tables)
        present = {IDS: has_ids, TEXT: bool(self._tables), told: has_told}
        self.names = [name for name, there in present.items() if there]
        self._n_users = training.user_num
        self._counts = {"user": training.user_num, "item": training.item_num}
        self._counts["node"] = sum(self._counts.values())

    @staticmethod
    def _features(table: Fusion, kind: str, whole: FeatureSet, text: FeatureSet) -> tuple[torch.Tensor, torch.Tensor]:
        """The table's features and the part of them that is item text, both of shape ``(n, D)``."""
        found = []
        for features in (whole, text):
            rows = {"item": features.item, "user": features.user}.get(kind)
            rows = torch.cat([features.user, features.item]) if rows is None else rows
            padded = rows.new_zeros(table.num_embeddings, rows.shape[1])
            padded[1 : len(rows)] = rows[1:]
            found.append(padded.to(table.semantic.device))
        scale = scale_to(found[0], 1.0)
        if (found[0] * scale - table.semantic).abs().max() > _ROUNDING:
            raise CheckpointError(
                "The checkpoint's semantic vectors are not those of its 'encode' artifact: train again, so that scores "
                "can be split by their sources."
            )
        return table.semantic, found[1] * scale

    def split(self, scores: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The scores, and the contribution of every source and ``base`` to them; each of the shape of the scores.

        Args:
            scores: Computes the model's scores as its tables are now.
        """
        whole = scores()
        values = {frozenset(self.names): whole}
        for size in range(len(self.names)):
            for subset in combinations(self.names, size):
                with self._reading(subset):
                    values[frozenset(subset)] = scores()
        parts = {name: _shapley(values, name, self.names) for name in self.names}
        return whole, parts | {BASE: values[frozenset()]}

    @contextmanager
    def _reading(self, sources: Sequence[str]) -> Iterator[None]:
        with ExitStack() as stack:
            for table, kind, semantic, text in self._tables:
                part = torch.zeros_like(semantic)
                if TEXT in sources:
                    part = part + text
                if self._told in sources:
                    part = part + (semantic - text)
                ids = None if table.table is None else table.table.data
                if ids is not None and IDS not in sources:
                    ids = self._mean_ids(ids, semantic.abs().sum(dim=1) > 0, kind)
                stack.enter_context(table.reading(part, ids))
            for rows, kind in self._plain if IDS not in sources else ():
                known = torch.arange(len(rows), device=rows.device)
                known = (known > 0) & (known < self._counts[kind])
                stack.enter_context(_holding(rows, self._mean_ids(rows, known, kind)))
            forget_kept_vectors(self._model)
            try:
                yield
            finally:
                forget_kept_vectors(self._model)

    def _mean_ids(self, table: torch.Tensor, known: torch.Tensor, kind: str) -> torch.Tensor:
        """The mean id vector in the place of each that is known, users and items apart; other rows keep their own."""
        users = torch.arange(len(table), device=table.device) < (self._n_users if kind == "node" else 0)
        mean = table.clone()
        for rows in (known & users, known & ~users):
            if rows.any():
                mean[rows] = table[rows].mean(dim=0)
        return mean


def _weight(module: nn.Module, columns: bool) -> torch.Tensor:
    """The id vectors of an embedding, a linear layer or a list of one parameter, a row per id; not a copy."""
    weight: Any = module[0] if isinstance(module, nn.ParameterList) else module.weight
    rows: torch.Tensor = weight.data.T if columns else weight.data
    return rows


@contextmanager
def _holding(rows: torch.Tensor, other: torch.Tensor) -> Iterator[None]:
    """Other values in a tensor within this context."""
    own = rows.clone()
    rows.copy_(other)
    try:
        yield
    finally:
        rows.copy_(own)


def forget_kept_vectors(model: Any) -> None:
    """Drop vectors that RecBole's graph models keep from one evaluation batch to the next."""
    for module in model.modules():
        for name in [name for name in vars(module) if name.startswith("restore_")]:
            setattr(module, name, None)


def _shapley(values: dict[frozenset[str], torch.Tensor], name: str, names: Sequence[str]) -> torch.Tensor:
    others = [other for other in names if other != name]
    count = len(names)
    total = torch.zeros_like(values[frozenset()])
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(count - size - 1) / factorial(count)
        for subset in combinations(others, size):
            before = frozenset(subset)
            total = total + weight * (values[before | {name}] - values[before])
    return total
