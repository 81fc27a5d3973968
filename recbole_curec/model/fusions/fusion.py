"""The base class of fusions, which replace a backbone's id embedding table and mix semantic features into it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.entry import Entry

_TEMPERATURE = 0.1  # of InfoNCE
# Rows fused at once when no gradient is needed: 'gate' computes one vector per expert and row.
_ROWS_AT_ONCE = 65_536
_ALIGNED_IDS = 1024  # most ids per alignment loss, whose cost is quadratic in their number


@dataclass(frozen=True)
class FusionStart:
    """Initial values for a fusion.

    Attributes:
        original: The backbone's table, as the backbone initialised it, shape ``(n, H)``.
        semantic: The features at unit scale, zero for padding and special tokens, shape ``(n, D)``.
        mapping: Map of features into the embedding space, shape ``(D, H)``; see :func:`orthonormal_map`.
        known: Whether a row has features, shape ``(n,)``.
        spread: Standard deviation of the table's elements.
        n_features: Number of feature rows; later rows of the table are special tokens.
        alignment: Whether the alignment loss will be used.
        settings: Gives the fusion's own settings group by its class.
    """

    original: torch.Tensor
    semantic: torch.Tensor
    mapping: torch.Tensor
    known: torch.Tensor
    spread: float
    n_features: int
    alignment: bool
    settings: Any


class Fusion(nn.Module, Entry, ABC):
    """Callable on ids like ``nn.Embedding``; ``weight`` is the fused table, so full-sort scores need no change.

    A subclass makes its parameters in :meth:`build` and mixes rows in :meth:`mix_rows`. Rows without features (all
    zero) should keep their id vector. Rows beyond the features are special tokens (such as a mask).

    Attributes:
        num_embeddings: Rows ``n`` of the table.
        embedding_dim: Width ``H`` of the table.
        padding_idx: As in the replaced table. Row 0 of the semantic part is always zero.
        sparse: As in ``nn.Embedding``: whether the id table gets sparse gradients. False until it is set.
        bias: None; RecBole's CPR models read it, because they use their item table also as an output layer.
        table: The learned id vectors; None if there are none.
        has_table: Whether ids have vectors of their own.
        can_align: Whether the alignment loss can be used.
        holds_ids: Whether :meth:`hold_ids` can keep id vectors at their initial values.
        keeps_features: Whether the features are used after initialisation.
    """

    bias = None
    has_table: ClassVar[bool] = True
    can_align: ClassVar[bool] = True
    holds_ids: ClassVar[bool] = False
    keeps_features: ClassVar[bool] = True

    def __init__(
        self, original: nn.Embedding, features: torch.Tensor, alignment: bool = False, settings: Any = None
    ) -> None:
        """Wrap a table.

        Args:
            original: The backbone's table, after the backbone initialised it.
            features: Semantic vectors, shape ``(n, D)``, or fewer rows if the table ends in special tokens.
            alignment: Whether :meth:`alignment_loss` will be used.
            settings: Gives settings groups by their class, for a fusion that has one.

        Raises:
            ConfigurationError: There are more feature rows than embeddings.
        """
        super().__init__()
        self.num_embeddings, self.embedding_dim = original.num_embeddings, original.embedding_dim
        self.padding_idx = original.padding_idx
        self.sparse = False
        self._held: torch.Tensor | None
        # A buffer, so that it moves with the model; not saved, because the training split determines it.
        self.register_buffer("_held", None, persistent=False)
        self._caching = False
        self._cached: torch.Tensor | None = None
        # Some backbones move their layers to the device themselves, before the model as a whole is moved.
        start = self._start(original, features.detach().to(original.weight.device), alignment, settings)
        # The global generator is restored afterwards, so that the backbone's dropout does not depend on the fusion.
        with torch.random.fork_rng(devices=[]):
            self.table = nn.Parameter(start.original.clone()) if self.has_table else None
            self.build(start)
            self.aligner = nn.Linear(start.semantic.shape[1], self.embedding_dim) if alignment else None
        # Saved with the model: scores of a restored checkpoint must not depend on the current feature store.
        self.semantic: torch.Tensor
        self.register_buffer("semantic", start.semantic if self.keeps_features or alignment else start.semantic[:0])

    @abstractmethod
    def build(self, start: FusionStart) -> None:
        """Make the parameters, and set initial values of the id table if they differ from the backbone's."""

    @abstractmethod
    def mix_rows(self, table: torch.Tensor | None, semantic: torch.Tensor) -> torch.Tensor:
        """Fused vectors of some or all rows.

        Args:
            table: Their id vectors, shape ``(..., H)``; None without an id table.
            semantic: Their features, shape ``(..., D)``.
        """

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Fused vectors of ids of any shape ``(...)``: ``(..., H)``."""
        few = self.sparse or ids.numel() < self.num_embeddings
        if self.reads_rows and not self._caching and few:
            return self._fuse(ids)
        return F.embedding(ids, self.weight, padding_idx=self.padding_idx, sparse=self.sparse)

    @property
    def reads_rows(self) -> bool:
        """Whether single rows can be fused without computing the whole table."""
        return True

    @property
    def weight(self) -> torch.Tensor:
        """The fused table, shape ``(n, H)``."""
        if self._cached is not None:
            return self._cached
        table = self._whole_table()
        if self._caching:
            self._cached = table
        return table

    @contextmanager
    def computed_once(self) -> Iterator[None]:
        """Compute the fused table at most once within this context, which must end before the next optimiser step."""
        self._caching = True
        try:
            yield
        finally:
            self._caching, self._cached = False, None

    @contextmanager
    def reading(self, semantic: torch.Tensor, table: torch.Tensor | None) -> Iterator[None]:
        """Read other features and id vectors within this context, to see what a score comes from.

        Args:
            semantic: Features at the scale of :attr:`semantic`, shape ``(n, D)``.
            table: Id vectors, shape ``(n, H)``; None where there are none.
        """
        own, ids = self.semantic, None if self.table is None else self.table.data
        try:
            self.semantic = semantic
            if self.table is not None and table is not None:
                self.table.data = table
            yield
        finally:
            self.semantic = own
            if self.table is not None and ids is not None:
                self.table.data = ids

    def alignment_loss(self, ids: torch.Tensor) -> torch.Tensor:
        """Symmetric InfoNCE between the id vectors and the projected semantic vectors of the distinct ids, a scalar.

        Each id's own semantic vector is its positive, those of the other ids its negatives (temperature 0.1).
        """
        if self.table is None or self.aligner is None:
            raise ConfigurationError(f"fusion: {self.name} was built without alignment: set fusion_alignment above 0.")
        ids = torch.unique(ids)
        ids = ids[self.semantic[ids].abs().sum(dim=1) > 0]
        if len(ids) > _ALIGNED_IDS:
            ids = ids[torch.randperm(len(ids), device=ids.device)[:_ALIGNED_IDS]]
        if len(ids) < 2:
            return self.aligner.weight.sum() * 0.0
        identity = F.normalize(F.embedding(ids, self.table, sparse=self.sparse), dim=1)
        meaning = F.normalize(self.aligner(self.semantic[ids]), dim=1)
        logits = identity @ meaning.T / _TEMPERATURE  # (U, U)
        own = torch.arange(len(ids), device=ids.device)
        return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2

    def hold_ids(self, ids: torch.Tensor) -> None:
        """Exclude ids without training interactions from training, so that only their features determine their vectors.

        Such an item occurs in training only as a negative, which would lower its scores. A fusion without ``holds_ids``
        ignores the call.

        Args:
            ids: Rows of the table, shape ``(K,)``.
        """
        if len(ids) == 0 or not self.holds_ids:
            return
        held = torch.zeros(self.num_embeddings, 1, dtype=torch.bool, device=self.semantic.device)
        held[ids] = True
        self._held = held

    def extra_repr(self) -> str:
        """Description for ``print(model)``."""
        return f"{self.num_embeddings}, {self.embedding_dim}, fusion={self.name}, features={tuple(self.semantic.shape)}"

    def _whole_table(self) -> torch.Tensor:
        if torch.is_grad_enabled() or self.num_embeddings <= _ROWS_AT_ONCE or not self.reads_rows:
            return self._fuse(None)
        table = torch.empty(self.num_embeddings, self.embedding_dim, device=self.semantic.device)
        for start in range(0, self.num_embeddings, _ROWS_AT_ONCE):
            rows = torch.arange(start, min(start + _ROWS_AT_ONCE, self.num_embeddings), device=table.device)
            table[rows] = self._fuse(rows)
        return table

    def _fuse(self, ids: torch.Tensor | None) -> torch.Tensor:
        semantic = self.semantic if ids is None else self.semantic[ids]  # (..., D)
        table: torch.Tensor | None = self.table
        if ids is not None and table is not None:
            table = F.embedding(ids, table, self.padding_idx, sparse=self.sparse)
        if self._held is not None and table is not None:
            table = torch.where(self._held if ids is None else self._held[ids], table.detach(), table)
        return self.mix_rows(table, semantic)

    def _start(self, original: nn.Embedding, features: torch.Tensor, alignment: bool, settings: Any) -> FusionStart:
        semantic = self._unit_scale(features)
        weight = original.weight.detach()
        return FusionStart(
            original=weight,
            semantic=semantic,
            mapping=orthonormal_map(semantic.shape[1], self.embedding_dim).to(semantic),
            known=semantic.abs().sum(dim=1) > 0,
            spread=weight[1:].std().item(),
            n_features=len(features),
            alignment=alignment,
            settings=settings,
        )

    def _unit_scale(self, features: torch.Tensor) -> torch.Tensor:
        """Features with row 0 and the rows of special tokens at zero, and elements of unit mean square elsewhere."""
        if features.dim() != 2 or len(features) > self.num_embeddings:
            raise ConfigurationError(
                f"Semantic features of shape {tuple(features.shape)} do not fit {self.num_embeddings} embeddings: "
                "rebuild the features for this dataset."
            )
        table = features.new_zeros(self.num_embeddings, features.shape[1], dtype=torch.float32)
        table[1 : len(features)] = features[1:]
        return table.mul_(scale_to(table, 1.0))  # in place, since a copy would be large


def orthonormal_map(dim: int, size: int) -> torch.Tensor:
    """Map ``(D, H)`` that preserves inner products as far as ``H`` dimensions allow.

    If ``H < D`` it keeps the first columns, which are the most important ones
    (:func:`recbole_curec.features.canonical_directions.canonical_directions`); otherwise it is a random rotation with
    orthonormal rows, which preserves inner products exactly and uses all ``H`` dimensions.
    """
    if size < dim:
        return torch.eye(dim)[:, :size]
    generator = torch.Generator().manual_seed(0)
    rotation, _ = torch.linalg.qr(torch.randn(size, dim, generator=generator, dtype=torch.float64))
    rows: torch.Tensor = rotation.T.float()
    return rows


def scale_to(vectors: torch.Tensor, spread: float) -> float:
    """Factor that brings the root mean square of the non-zero rows' elements to ``spread``."""
    lengths = torch.linalg.vector_norm(vectors, dim=1)
    known = int((lengths > 0).sum()) * vectors.shape[1]
    level = (torch.linalg.vector_norm(lengths, dtype=torch.float64) / max(known, 1) ** 0.5).item()
    return spread / level if level > 0 else 0.0
