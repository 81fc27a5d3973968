"""``CURec``: any sequential RecBole backbone, its item tables fused with features, with all-position training."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import torch
from recbole.data.interaction import Interaction
from recbole.model.abstract_recommender import SequentialRecommender
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from recbole_curec.backbones.facts import backbone_facts
from recbole_curec.model.dot_products import DotProducts
from recbole_curec.model.dropout import quicken
from recbole_curec.model.late.towers import LateTowers
from recbole_curec.model.losses import Negatives, NegativeSampler, cross_entropy, pairs, pairwise, sampled_cross_entropy
from recbole_curec.model.share import Share
from recbole_curec.model.wrapper import BackboneWrapper
from recbole_curec.settings.travel import settings_of

_SAMPLED = {"sampled_CE": sampled_cross_entropy, "BPR": pairwise}
# Share of negatives drawn by frequency. BPR is defined by uniform ones.
_POPULAR = {"sampled_CE": 0.5, "BPR": 0.0}
# Histories scored together: fewer allow shorter padding, more use a processor better.
_SCORED_TOGETHER = 256
_SCALE = 20.0  # of cosines at the start: softmax can then single out one of a few thousand items


class CURec(BackboneWrapper, SequentialRecommender):  # type: ignore[misc]
    """A sequential backbone whose item table is fused with the vectors of the users' reasons."""

    def __new__(cls, config: Any = None, dataset: Any = None) -> CURec:
        """With ``fusion: late`` a model of several towers."""
        late = cls is CURec and config is not None and settings_of(config).recommend.is_late
        made: CURec = super().__new__(LateCURec if late else cls)
        return made

    def __init__(self, config: Any, dataset: Any) -> None:
        """Build the backbone named by ``recommend.backbone``.

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split of a ``CURecDataset``.
        """
        SequentialRecommender.__init__(self, config, dataset)
        self.TARGETS = f"{self.ITEM_ID}_targets"
        self.wrap(config, dataset, "sequential")
        recommend = settings_of(config).recommend
        facts = backbone_facts(recommend.backbone, "sequential")
        self.causal = facts.causal
        self.negative_history = config["NEG_PREFIX"] + self.ITEM_SEQ if facts.negative_history else None
        self.loss = recommend.loss or config["loss_type"]
        self.log_scale: nn.Parameter | None = None
        self.negatives: NegativeSampler | None = None
        if recommend.train_mode == "all_positions":
            quicken(self.backbone)
        if recommend.train_mode == "all_positions" and self.loss in _SAMPLED:
            history, count = dataset.train_history(), recommend.sampled_negatives
            items = torch.from_numpy(history.items)
            self.negatives = NegativeSampler(items, history.n_items, count, _POPULAR[self.loss])
            self.backbone.item_embedding.sparse = True  # a step uses few items, so dense gradients would be slow

    def sparse_parameters(self) -> list[torch.Tensor]:
        """Item tables whose gradients are sparse, with a sampled loss at all positions."""
        if self.negatives is None:
            return []
        table = self.backbone.item_embedding
        rows = table.weight if isinstance(table, nn.Embedding) else table.table
        return [] if rows is None else [rows]

    def calculate_loss(self, interaction: Any, *, share: Share | None = None) -> Any:
        """The backbone's loss, or every position's loss for a batch of windows; plus the alignment loss.

        Args:
            interaction: The batch.
            share: What this process computes of a batch of windows, where several do; the sum of their losses is the
                loss of the batch.
        """
        # A sampled loss reads few items, for which computing the whole fused table would be slow.
        with self.tables_once() if self.negatives is None else nullcontext():
            if self.TARGETS in interaction:
                loss = self._all_positions(interaction, share)
                if share is not None and not share.is_main:
                    return loss
                return self.with_alignment(loss, {"item": interaction[self.TARGETS]})
            loss = self.backbone.calculate_loss(self._completed(interaction))
            return self.with_alignment(loss, {"item": interaction[self.ITEM_ID]})

    def predict(self, interaction: Any) -> torch.Tensor:
        """Scores of user-item pairs, shape ``(B,)``."""
        if self.log_scale is None:
            return super().predict(self._completed(interaction))
        items = self._directions(self.backbone.item_embedding(interaction[self.ITEM_ID]))
        return (self._states(interaction) * items).sum(dim=1)

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        """Scores of every item, shape ``(B, n_items)`` or ``(B * n_items,)``.

        RecBole pads every history to ``MAX_ITEM_LIST_LENGTH``. In a causal backbone the padding after the last item
        does not affect the state there, so histories of similar length are scored together, trimmed to the longest.
        """
        if not self.causal:
            return super().full_sort_predict(interaction)
        items, lengths = interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN]
        scores: torch.Tensor = items.new_empty((len(items), self.n_items), dtype=torch.float32)
        with self.tables_once():
            for rows in lengths.argsort().split(_SCORED_TOGETHER):
                longest = int(lengths[rows[-1]])
                part = Interaction({self.ITEM_SEQ: items[rows, :longest], self.ITEM_SEQ_LEN: lengths[rows]})
                scores[rows] = self._part_scores(part)
        return scores

    def score_by_cosine(self) -> None:
        """Score by the cosine of state and item vector times a learned scale, which starts at 20."""
        self.log_scale = nn.Parameter(torch.tensor(math.log(_SCALE)))

    def dot_products(self) -> DotProducts:
        """The state after a user's history, and the item table; of unit length where scores are cosines."""
        if not self.causal:
            return super().dot_products()
        items = self._directions(self.backbone.item_embedding.weight[: self.n_items])
        return DotProducts(items, self._states)

    def _states(self, interaction: Any) -> torch.Tensor:
        """The state after each history, shape ``(B, H)``, at the scale of the scores."""
        states: torch.Tensor = self.backbone(interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN])
        return self._scaled(states)

    def _directions(self, vectors: torch.Tensor) -> torch.Tensor:
        return vectors if self.log_scale is None else F.normalize(vectors, dim=-1)

    def _scaled(self, states: torch.Tensor) -> torch.Tensor:
        return states if self.log_scale is None else F.normalize(states, dim=-1) * self.log_scale.exp()

    def _completed(self, interaction: Any) -> Any:
        """The batch with a sampled negative for every history item, for DIEN, whose RecBole dataset would add them."""
        if self.negative_history is not None:
            items = interaction[self.ITEM_SEQ]  # (B, L)
            others = torch.randint_like(items, 1, self.n_items - 1)
            others += others >= items  # uniform over all items but the one at that position
            interaction.update(Interaction({self.negative_history: others.masked_fill(items == 0, 0)}))
        return interaction

    def _part_scores(self, part: Any) -> torch.Tensor:
        if self.log_scale is None:
            scores: torch.Tensor = self.backbone.full_sort_predict(part)
            return scores
        return self._states(part) @ self._directions(self.backbone.item_embedding.weight[: self.n_items]).T

    def hidden_states(self, item_seq: torch.Tensor, item_seq_len: torch.Tensor) -> torch.Tensor:
        """The backbone's output at every position, shape ``(B, L, H)``.

        RecBole's causal models compute all positions and then gather the last one; here the gathering is disabled.
        """
        self.backbone.gather_indexes = _every_position
        try:
            states: torch.Tensor = self.backbone(item_seq, item_seq_len)
        finally:
            del self.backbone.gather_indexes  # the class's own method again
        return states

    def _all_positions(self, interaction: Any, share: Share | None) -> torch.Tensor:
        """Mean loss of the targets of all windows, or a process's part of it."""
        mine = interaction if share is None else share.windows(interaction, self.ITEM_SEQ_LEN)
        targets = mine[self.TARGETS]  # (B, L)
        states = self.hidden_states(mine[self.ITEM_SEQ], mine[self.ITEM_SEQ_LEN])
        predicted = targets > 0
        states, targets = self._scaled(states[predicted]), targets[predicted]  # (T, H), (T,)
        table, negatives = self.backbone.item_embedding, None
        if self.negatives is None:
            # As in the backbone, the softmax runs over the whole table, padding included.
            loss = cross_entropy(states, self._directions(table.weight), targets)
        else:
            negatives = self.negatives.draw(None if share is None else share.from_main)
            vectors = self._directions(table(torch.cat([targets, negatives.items])))
            wanted, sampled = vectors.tensor_split([len(targets)])
            loss = _SAMPLED[self.loss](states, wanted, sampled, targets, negatives)
        if share is None:
            return loss
        every = interaction[self.TARGETS]
        terms = [self._terms(some, negatives) for some in (targets, every[every > 0])]
        return loss * share.weight(terms[0], terms[1], len(interaction))

    def _terms(self, targets: torch.Tensor, negatives: Negatives | None) -> int:
        """Number of terms whose mean the loss of these targets is."""
        if negatives is None or self.loss != "BPR":
            return len(targets)
        return int(pairs(targets, negatives).sum())


class LateCURec(LateTowers, CURec):
    """``CURec`` with ``fusion: late``."""

    def __init__(self, config: Any, dataset: Any) -> None:
        """Build the towers of ``late.towers`` from the same backbone."""
        SequentialRecommender.__init__(self, config, dataset)
        self.build_towers(config, dataset, "sequential", _tower)

    def user_fields(self) -> list[str]:
        """The user, and the history with its length."""
        return [self.USER_ID, self.ITEM_SEQ, self.ITEM_SEQ_LEN]


def _tower(config: Any, dataset: Any) -> CURec:
    """One tower of a late fusion."""
    settings = settings_of(config)
    made = CURec(config, dataset)
    if settings.late.cosine and settings.uses_features:
        made.score_by_cosine()
    return made


def _every_position(output: torch.Tensor, _index: torch.Tensor) -> torch.Tensor:
    return output
