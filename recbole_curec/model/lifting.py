"""What ``CURec`` and ``CURecGeneral`` share: a RecBole model is built as it is, and its id tables are lifted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

from recbole_curec.errors import ConfigurationError
from recbole_curec.features.semantic_embedding import SemanticEmbedding
from recbole_curec.registry import OUR_MODELS, backbone_class


class LiftedBackbone(nn.Module):
    """Mixin that holds a RecBole backbone with semantic embeddings and delegates to it.

    Attributes:
        backbone: RecBole's own model, built from the same config.
    """

    backbone: Any

    def lift(self, config: Any, dataset: Any, kind: str) -> None:
        """Build the backbone and replace its ``item_embedding`` (and ``user_embedding``, if it has one).

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split; ``dataset.features`` holds the semantic vectors.
            kind: 'sequential' or 'general'.

        Raises:
            ConfigurationError: The backbone has no ``nn.Embedding`` where one is needed.
        """
        # First of all: with the same seed the backbone draws the same weights as it would alone.
        self.backbone = _build(config, dataset, kind)
        self.alignment = float(config["fusion_alignment"] or 0.0)
        features = getattr(dataset, "features", None)
        if config["fusion"] == "none":
            return
        if features is None:
            raise ConfigurationError(
                f"fusion: {config['fusion']} needs semantic features, but the dataset was not built by CURec: set "
                "fusion: none."
            )
        self._lift_table("item_embedding", features.item, config)
        if kind == "general" and hasattr(self.backbone, "user_embedding"):
            self._lift_table("user_embedding", features.user, config)

    def _lift_table(self, name: str, features: torch.Tensor, config: Any) -> None:
        table = _table(self.backbone, name, config)
        setattr(self.backbone, name, SemanticEmbedding(table, features, config["fusion"], self.alignment > 0))

    def semantic_tables(self) -> list[SemanticEmbedding]:
        """The tables that were replaced; none with ``fusion: none``."""
        return [module for module in self.modules() if isinstance(module, SemanticEmbedding)]

    @contextmanager
    def tables_once(self) -> Iterator[None]:
        """Compute each fused table at most once within this context."""
        with ExitStack() as stack:
            for table in self.semantic_tables():
                stack.enter_context(table.computed_once())
            yield

    def with_alignment(self, loss: Any, ids_by_table: dict[str, torch.Tensor]) -> Any:
        """Add ``fusion_alignment`` times the InfoNCE loss of the ids of this batch.

        Args:
            loss: The backbone's loss; a tuple, as some backbones return, gets one more part.
            ids_by_table: Ids seen in the batch, by the name of the backbone's table.
        """
        extra = [
            self.alignment * table.alignment_loss(ids.reshape(-1))
            for name, ids in ids_by_table.items()
            if self.alignment > 0 and isinstance(table := getattr(self.backbone, name, None), SemanticEmbedding)
        ]
        if not extra:
            return loss
        return (*loss, sum(extra)) if isinstance(loss, tuple) else loss + sum(extra)

    def predict(self, interaction: Any) -> torch.Tensor:
        """Scores of user-item pairs, shape ``(B,)``."""
        with self.tables_once():
            scores: torch.Tensor = self.backbone.predict(interaction)
        return scores

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        """Scores of every item, shape ``(B * n_items,)`` or ``(B, n_items)``."""
        with self.tables_once():
            scores: torch.Tensor = self.backbone.full_sort_predict(interaction)
        return scores

    def other_parameter(self) -> dict[str, Any]:
        """What the backbone saves beside its weights."""
        saved: dict[str, Any] = self.backbone.other_parameter()
        return saved

    def load_other_parameter(self, para: dict[str, Any] | None) -> None:
        """Restore what :meth:`other_parameter` gave."""
        self.backbone.load_other_parameter(para)


def check_backbone(config: Any, dataset: Any) -> None:
    """Build the backbone once to see that it accepts its settings and that features can enter it, then forget it.

    Args:
        config: RecBole's config with CURec's settings.
        dataset: Training split.

    Raises:
        ConfigurationError: It does not, or they cannot.
    """
    kind = OUR_MODELS[config["model"]]
    with torch.random.fork_rng(devices=[]):
        backbone = _build(config, dataset, kind)
    _table(backbone, "item_embedding", config)
    if kind == "general" and hasattr(backbone, "user_embedding"):
        _table(backbone, "user_embedding", config)


def _build(config: Any, dataset: Any, kind: str) -> Any:
    try:
        return backbone_class(config["backbone"], kind)(config, dataset)
    except (ValueError, NotImplementedError, AssertionError) as error:
        if isinstance(error, ConfigurationError):
            raise
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"backbone: {config['backbone']} cannot be built: {reason}.") from error


def _table(backbone: Any, name: str, config: Any) -> nn.Embedding:
    table = getattr(backbone, name, None)
    if not isinstance(table, nn.Embedding):
        found = "none" if table is None else type(table).__name__
        raise ConfigurationError(
            f"backbone: {config['backbone']} keeps no embedding table in '{name}' (found: {found}), so features "
            "cannot enter it: choose another backbone or set fusion: none."
        )
    return table
