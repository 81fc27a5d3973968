"""``CURecGeneral``: any general RecBole backbone, its item and user tables lifted by semantic features."""

from __future__ import annotations

from typing import Any

from recbole.model.abstract_recommender import GeneralRecommender
from recbole.utils import InputType

from recbole_curec.model.lifting import LiftedBackbone


class CURecGeneral(LiftedBackbone, GeneralRecommender):  # type: ignore[misc]
    """A general backbone whose item and user tables are fused with the vectors of the users' reasons."""

    # RecBole wants one on the class; the config of a run carries the backbone's own (see recbole_curec.config).
    input_type = InputType.PAIRWISE

    def __init__(self, config: Any, dataset: Any) -> None:
        """Build the backbone named by ``config["backbone"]``.

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split of a ``CURecGeneralDataset``.
        """
        GeneralRecommender.__init__(self, config, dataset)
        self.lift(config, dataset, "general")

    def calculate_loss(self, interaction: Any) -> Any:
        """The backbone's loss plus the alignment loss of the batch's items and users."""
        with self.tables_once():
            loss = self.backbone.calculate_loss(interaction)
            return self.with_alignment(
                loss, {"item_embedding": interaction[self.ITEM_ID], "user_embedding": interaction[self.USER_ID]}
            )
