"""``CURec``: any sequential RecBole backbone, lifted by semantic features and trained at every position in one pass."""

from __future__ import annotations

from typing import Any

import torch
from recbole.data.interaction import Interaction
from recbole.model.abstract_recommender import SequentialRecommender
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from recbole_curec.backbones import backbone_facts
from recbole_curec.model.lifting import LiftedBackbone


class CURec(LiftedBackbone, SequentialRecommender):  # type: ignore[misc]
    """A sequential backbone whose item table is fused with the vectors of the users' reasons."""

    def __init__(self, config: Any, dataset: Any) -> None:
        """Build the backbone named by ``config["backbone"]``.

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split of a ``CURecDataset``.
        """
        SequentialRecommender.__init__(self, config, dataset)
        self.TARGETS = f"{self.ITEM_ID}_targets"
        self.lift(config, dataset, "sequential")
        needed = backbone_facts(config["backbone"], "sequential").negative_history
        self.negative_history = config["NEG_PREFIX"] + self.ITEM_SEQ if needed else None

    def calculate_loss(self, interaction: Any) -> Any:
        """The backbone's loss, or every position's cross-entropy for a batch of windows; plus the alignment loss."""
        with self.tables_once():
            if self.TARGETS in interaction:
                return self.with_alignment(self._all_positions(interaction), {"item": interaction[self.TARGETS]})
            loss = self.backbone.calculate_loss(self._completed(interaction))
            return self.with_alignment(loss, {"item": interaction[self.ITEM_ID]})

    def predict(self, interaction: Any) -> torch.Tensor:
        """Scores of user-item pairs, shape ``(B,)``."""
        return super().predict(self._completed(interaction))

    def _completed(self, interaction: Any) -> Any:
        """The batch, with a negative beside every item of the history for the backbone whose own dataset adds them."""
        if self.negative_history is not None:
            items = interaction[self.ITEM_SEQ]  # (B, L)
            others = torch.randint_like(items, 1, self.n_items - 1)
            others += others >= items  # uniform over all items but the one at that position
            interaction.update(Interaction({self.negative_history: others.masked_fill(items == 0, 0)}))
        return interaction

    def hidden_states(self, item_seq: torch.Tensor, item_seq_len: torch.Tensor) -> torch.Tensor:
        """The backbone's output at every position, shape ``(B, L, H)``.

        RecBole's causal models compute all positions and then gather the last one; here the gathering is left out.
        """
        self.backbone.gather_indexes = _every_position
        try:
            states: torch.Tensor = self.backbone(item_seq, item_seq_len)
        finally:
            del self.backbone.gather_indexes  # the class's own method again
        return states

    def _all_positions(self, interaction: Any) -> torch.Tensor:
        targets = interaction[self.TARGETS]  # (B, L)
        states = self.hidden_states(interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN])
        predicted = targets > 0
        # As in the backbone, the softmax runs over the whole table, padding included.
        logits = states[predicted] @ self.backbone.item_embedding.weight.T  # (targets, n_items)
        return F.cross_entropy(logits, targets[predicted])


def _every_position(output: torch.Tensor, _index: torch.Tensor) -> torch.Tensor:
    return output
