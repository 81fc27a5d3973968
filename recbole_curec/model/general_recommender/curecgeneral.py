"""``CURecGeneral``: any general RecBole backbone, its item and user tables fused with semantic features."""

from __future__ import annotations

from typing import Any

import torch
from recbole.data.interaction import Interaction
from recbole.model.abstract_recommender import GeneralRecommender
from recbole.utils import InputType

from recbole_curec.model.dot_products import DotProducts
from recbole_curec.model.late.towers import LateTowers
from recbole_curec.model.wrapper import BackboneWrapper
from recbole_curec.settings.travel import settings_of


class CURecGeneral(BackboneWrapper, GeneralRecommender):  # type: ignore[misc]
    """A general backbone whose item and user tables are fused with the vectors of the users' reasons."""

    # RecBole requires it on the class; a run's config holds that of the backbone (see recbole_curec.plugin.config).
    input_type = InputType.PAIRWISE

    def __new__(cls, config: Any = None, dataset: Any = None) -> CURecGeneral:
        """With ``fusion: late`` a model of several towers."""
        late = cls is CURecGeneral and config is not None and settings_of(config).recommend.is_late
        made: CURecGeneral = super().__new__(LateCURecGeneral if late else cls)
        return made

    def __init__(self, config: Any, dataset: Any) -> None:
        """Build the backbone named by ``recommend.backbone``.

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split of a ``CURecGeneralDataset``.
        """
        GeneralRecommender.__init__(self, config, dataset)
        self.wrap(config, dataset, "general")

    def calculate_loss(self, interaction: Any, **options: Any) -> Any:
        """The backbone's loss plus the alignment loss of the batch's items and users.

        Args:
            interaction: The batch.
            options: Arguments from the backbone's own trainer (RecVAE's ``encoder_flag``).
        """
        with self.tables_once():
            loss = self.backbone.calculate_loss(interaction, **options)
            return self.with_alignment(loss, self._ids(interaction))

    def dot_products(self) -> DotProducts:
        """Vectors of users and items: those that a graph backbone has propagated, else its tables."""
        model = self.backbone
        if hasattr(model, "restore_item_e"):
            if model.restore_item_e is None:
                self.full_sort_predict(Interaction({self.USER_ID: torch.tensor([1], device=self.device)}))
            users, items = model.restore_user_e, model.restore_item_e
        elif hasattr(model, "user_embedding") and hasattr(model, "item_embedding"):
            users, items = model.user_embedding.weight, model.item_embedding.weight
        else:
            return super().dot_products()
        return DotProducts(items, lambda interaction: users[interaction[self.USER_ID]])

    def _ids(self, interaction: Any) -> dict[str, torch.Tensor]:
        users = interaction[self.USER_ID]
        # A batch of users has no item column; the alignment loss then samples from all items.
        items = interaction[self.ITEM_ID] if self.ITEM_ID in interaction else torch.arange(1, self.n_items).to(users)
        return {"item": items, "user": users, "node": torch.cat([users, items + self.n_users])}


class LateCURecGeneral(LateTowers, CURecGeneral):
    """``CURecGeneral`` with ``fusion: late``."""

    def __init__(self, config: Any, dataset: Any) -> None:
        """Build the towers of ``late.towers`` from the same backbone."""
        GeneralRecommender.__init__(self, config, dataset)
        self.build_towers(config, dataset, "general", CURecGeneral)

    def user_fields(self) -> list[str]:
        """The user."""
        return [self.USER_ID]
