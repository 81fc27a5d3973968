"""A stand-in for a backbone's id embedding table that fuses semantic features into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from recbole_curec.errors import ConfigurationError

Fusion = Literal["init", "gate", "concat", "frozen"]
_EXPERTS = 4
_TEMPERATURE = 0.1  # of InfoNCE
# Scale of the features in 'concat', in units of the id table's; chosen by validation on ml-100k (docs/lift.md).
_CONCAT_SCALE = 3.0
# Rows that are fused at once where no gradient is needed: 'gate' holds a vector per expert for each of them.
_ROWS_AT_ONCE = 65_536
_ALIGNED_IDS = 1024  # at most this many ids per alignment loss, which is quadratic in them


class SemanticEmbedding(nn.Module):
    """Callable on ids like ``nn.Embedding``; ``weight`` is the fused table, so full-sort scores need no change.

    Fusions (``id`` is the backbone's own initialisation, ``s`` the features at unit scale):

    * ``init``: a trainable table that starts at the features, rotated into the embedding space and scaled to the id
      table.
    * ``gate``: ``id + sum_k g_k(s) E_k s``, a mixture of ``4`` linear experts that starts at zero: exactly the id
      model.
    * ``concat``: ``W [id; s]``, which starts at the rotated features alone, at three times the scale of the id table;
      id starts at zero and learns what the features do not say.
    * ``frozen``: ``W s``; nothing is learned per item, so new items need no training.

    Rows without features (all zero) keep their id vector in ``init``, ``gate`` and ``concat``. Rows beyond the
    features are no items (a mask token, say) and keep theirs in ``frozen`` too. In ``gate`` and ``concat`` ids that no
    training interaction holds can keep their start (:meth:`hold_ids`).

    Attributes:
        num_embeddings: Rows ``n`` of the table.
        embedding_dim: Width ``H`` of the table.
        padding_idx: As in the replaced table. Row 0 of the semantic part is always zero.
        sparse: As in ``nn.Embedding``: looking up ids gives the id table sparse gradients. False until it is set.
        bias: None; RecBole's CPR models read one, for they use their item table as an output layer too.
    """

    bias = None

    def __init__(self, original: nn.Embedding, features: torch.Tensor, fusion: Fusion, alignment: bool = False) -> None:
        """Wrap a table.

        Args:
            original: The backbone's table, after the backbone initialised it.
            features: Semantic vectors, shape ``(n, D)``, or fewer rows if the table ends in special tokens.
            fusion: See the class.
            alignment: Whether :meth:`alignment_loss` will be used.

        Raises:
            ConfigurationError: There are more feature rows than embeddings.
        """
        super().__init__()
        self.num_embeddings, self.embedding_dim = original.num_embeddings, original.embedding_dim
        self.padding_idx = original.padding_idx
        self.fusion = fusion
        self.sparse = False
        self._held: torch.Tensor | None
        # Moves with the model, and is not saved: it follows from the training split.
        self.register_buffer("_held", None, persistent=False)
        self._caching = False
        self._cached: torch.Tensor | None = None
        # Some backbones move their layers to the device themselves, before the model as a whole is moved.
        semantic = self._unit_scale(features.detach().to(original.weight.device))
        dim, size = semantic.shape[1], self.embedding_dim
        spread = original.weight.detach()[1:].std().item()
        # Own random stream: the backbone's dropout then draws the same numbers whatever the fusion.
        with torch.random.fork_rng(devices=[]):
            mapping = orthonormal_map(dim, size).to(semantic)  # (D, H)
            self.table = None if fusion == "frozen" else nn.Parameter(original.weight.detach().clone())
            beyond = original.weight.detach()[len(features) :].clone()
            self.special = nn.Parameter(beyond) if fusion == "frozen" and len(beyond) else None
            known = semantic.abs().sum(dim=1) > 0
            if self.table is not None and fusion == "init":
                self.table.data[known] = _rescale(semantic @ mapping, spread)[known]
            # The alignment loss compares directions, and zero has none.
            if self.table is not None and fusion == "concat" and not alignment:
                self.table.data[known] = 0
            if self.table is not None and fusion != "gate" and self.padding_idx is not None:
                self.table.data[self.padding_idx] = 0
            if fusion == "gate":
                self.experts = nn.Parameter(torch.zeros(_EXPERTS, dim, size))
                self.router = nn.Linear(dim, _EXPERTS)
            elif fusion in ("concat", "frozen"):
                self.projection = nn.Linear(dim, size, bias=False)
                scale = spread * (_CONCAT_SCALE if fusion == "concat" else 1.0)
                self.projection.weight.data = _rescale_map(semantic, mapping, scale).T.contiguous()
            if fusion == "concat":
                self.mix = nn.Linear(size, size, bias=False)
                nn.init.eye_(self.mix.weight)
            self.aligner = nn.Linear(dim, size) if alignment else None
        # Saved with the model: scores of a restored checkpoint must not depend on which features lie on disk today.
        self.semantic: torch.Tensor
        self.register_buffer("semantic", semantic if fusion != "init" or alignment else semantic[:0])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Fused vectors of ids of any shape ``(...)``: ``(..., H)``."""
        few = self.sparse or ids.numel() < self.num_embeddings
        if self.fusion != "init" and not self._caching and self.special is None and few:
            return self._fuse(ids)
        return F.embedding(ids, self.weight, padding_idx=self.padding_idx, sparse=self.sparse)

    @property
    def weight(self) -> torch.Tensor:
        """The fused table, shape ``(n, H)``."""
        if self.fusion == "init":
            assert self.table is not None  # noqa: S101 - 'init' always has one
            return self.table
        if self._cached is not None:
            return self._cached
        table = self._whole_table()
        if self._caching:
            self._cached = table
        return table

    @contextmanager
    def computed_once(self) -> Iterator[None]:
        """Within this context the fused table is computed at most once; leave it before the next optimiser step."""
        self._caching = True
        try:
            yield
        finally:
            self._caching, self._cached = False, None

    def alignment_loss(self, ids: torch.Tensor) -> torch.Tensor:
        """Symmetric InfoNCE between the id vectors and the projected semantic vectors of the distinct ids, a scalar.

        Each id's own semantic vector is its positive, those of the other ids its negatives (temperature 0.1).
        """
        if self.table is None or self.aligner is None:
            raise ConfigurationError(
                f"fusion: {self.fusion} was built without alignment: set fusion_alignment above 0."
            )
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
        """Keep the id vectors of ids that no training interaction holds, so that they are what their features say.

        Training sees such an item as a negative alone, and all it would learn of its id is to push it down. ``gate``
        leaves the id vector where the id model starts, ``concat`` at zero; the other fusions do not heed this: their
        id vector is not apart from the features (``init``) or not there (``frozen``).

        Args:
            ids: Rows of the table, shape ``(K,)``.
        """
        if len(ids) == 0 or self.fusion not in ("gate", "concat"):
            return
        assert self.table is not None  # noqa: S101 - only 'frozen' has no table
        held = torch.zeros(self.num_embeddings, 1, dtype=torch.bool, device=self.semantic.device)
        held[ids] = True
        self._held = held
        if self.fusion == "concat":  # with alignment ids start elsewhere
            self.table.data[ids] = 0

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return (
            f"{self.num_embeddings}, {self.embedding_dim}, fusion={self.fusion}, features={tuple(self.semantic.shape)}"
        )

    def _whole_table(self) -> torch.Tensor:
        if torch.is_grad_enabled() or self.num_embeddings <= _ROWS_AT_ONCE or self.special is not None:
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
        if self.fusion == "frozen":
            projected: torch.Tensor = self.projection(semantic)
            if self.special is None:
                return projected
            return torch.cat([projected[: -len(self.special)], self.special])
        assert table is not None  # noqa: S101 - only 'frozen' has no table
        if self._held is not None:
            table = torch.where(self._held if ids is None else self._held[ids], table.detach(), table)
        if self.fusion == "concat":
            mixed: torch.Tensor = self.mix(table) + self.projection(semantic)
            return mixed
        gates = torch.softmax(self.router(semantic), dim=-1)  # (..., K)
        return table + torch.einsum("...d,kdh,...k->...h", semantic, self.experts, gates)

    def _unit_scale(self, features: torch.Tensor) -> torch.Tensor:
        """Features with row 0 and the rows of special tokens at zero, and elements of unit mean square elsewhere."""
        if features.dim() != 2 or len(features) > self.num_embeddings:
            raise ConfigurationError(
                f"Semantic features of shape {tuple(features.shape)} do not fit {self.num_embeddings} embeddings: "
                "rebuild the features for this dataset."
            )
        table = features.new_zeros(self.num_embeddings, features.shape[1], dtype=torch.float32)
        table[1 : len(features)] = features[1:]
        return table.mul_(_scale(table, 1.0))  # in place: with many items every copy counts


def orthonormal_map(dim: int, size: int) -> torch.Tensor:
    """Map ``(D, H)`` that keeps inner products as far as ``H`` dimensions can.

    ``H < D`` keeps the first columns, which matter most
    (:func:`recbole_curec.features.neighbours.neighbour_directions`); else all are spread over all ``H`` dimensions by a
    random rotation (orthonormal rows), which keeps inner products exactly and leaves no dimension empty.
    """
    if size < dim:
        return torch.eye(dim)[:, :size]
    generator = torch.Generator().manual_seed(0)
    rotation, _ = torch.linalg.qr(torch.randn(size, dim, generator=generator, dtype=torch.float64))
    rows: torch.Tensor = rotation.T.float()
    return rows


def _scale(vectors: torch.Tensor, spread: float) -> float:
    """Factor that brings the root mean square of the non-zero rows' elements to ``spread``."""
    lengths = torch.linalg.vector_norm(vectors, dim=1)
    known = int((lengths > 0).sum()) * vectors.shape[1]
    level = (torch.linalg.vector_norm(lengths, dtype=torch.float64) / max(known, 1) ** 0.5).item()
    return spread / level if level > 0 else 0.0


def _rescale(vectors: torch.Tensor, spread: float) -> torch.Tensor:
    return vectors * _scale(vectors, spread)


def _rescale_map(vectors: torch.Tensor, mapping: torch.Tensor, spread: float) -> torch.Tensor:
    return mapping * _scale(vectors @ mapping, spread)
