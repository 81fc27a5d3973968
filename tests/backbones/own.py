"""RecBole models as a user would write them, outside the package."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from recbole.model.abstract_recommender import GeneralRecommender, SequentialRecommender
from recbole.model.sequential_recommender import GRU4Rec
from recbole.utils import InputType
from torch import nn
from torch.nn import functional

from recbole_curec.backbones.facts import Backbone, Table


class MeanOfItems(SequentialRecommender):  # type: ignore[misc]
    """The next item is like the mean of the items before it; its table is where most models have theirs."""

    curec_facts: ClassVar[Backbone] = Backbone(defaults={"mean_size": 8, "loss_type": "CE", "train_batch_size": 48})

    def __init__(self, config: Any, dataset: Any) -> None:
        super().__init__(config, dataset)
        self.item_embedding = nn.Embedding(self.n_items, config["mean_size"], padding_idx=0)

    def forward(self, items: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        state: torch.Tensor = self.item_embedding(items).sum(dim=1) / lengths.unsqueeze(1)
        return state

    def calculate_loss(self, interaction: Any) -> torch.Tensor:
        state = self.forward(interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN])
        return functional.cross_entropy(state @ self.item_embedding.weight.T, interaction[self.POS_ITEM_ID])

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        state = self.forward(interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN])
        scores: torch.Tensor = state @ self.item_embedding.weight.T
        return scores


class MyGRU(GRU4Rec):  # type: ignore[misc]
    """A causal model: one pass trains every position."""

    curec_facts: ClassVar[Backbone] = Backbone(
        causal=True, defaults={"num_layers": 1, "dropout_prob": 0.1, "loss_type": "CE"}
    )


class DotProduct(GeneralRecommender):  # type: ignore[misc]
    """Users and items meet in a dot product; its tables have names of their own."""

    input_type = InputType.PAIRWISE
    curec_facts: ClassVar[Backbone] = Backbone(
        items=(Table("things"),), users=(Table("people"),), defaults={"dot_size": 8}
    )

    def __init__(self, config: Any, dataset: Any) -> None:
        super().__init__(config, dataset)
        self.people = nn.Embedding(self.n_users, config["dot_size"])
        self.things = nn.Embedding(self.n_items, config["dot_size"])

    def calculate_loss(self, interaction: Any) -> torch.Tensor:
        users = self.people(interaction[self.USER_ID])
        wanted, other = self.things(interaction[self.ITEM_ID]), self.things(interaction[self.NEG_ITEM_ID])
        return -functional.logsigmoid((users * (wanted - other)).sum(dim=1)).mean()

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        scores: torch.Tensor = self.people(interaction[self.USER_ID]) @ self.things.weight.T
        return scores


class WrongTables(DotProduct):
    """Names no item table, so that it is looked for where most models have theirs."""

    curec_facts: ClassVar[Backbone] = Backbone(users=(Table("user_embedding"),), defaults={"dot_size": 8})


class WithoutDefaults(DotProduct):
    """Reads a setting that nobody gives."""

    curec_facts: ClassVar[Backbone] = Backbone(items=(Table("things"),))


class NoModel:
    """A class of another kind."""
