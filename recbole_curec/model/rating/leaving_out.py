"""Which past statements a predicted rating rests on: the change when each of them is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from recbole_curec.model.rating.reccot import ITEM_REVIEWS, USER_REVIEWS


@dataclass(frozen=True)
class LeftOut:
    """Predicted ratings, and what each past review adds to them.

    Attributes:
        rating: Predicted ratings before they are cut to the scale, shape ``(B,)``.
        user: How much lower the rating is without each of the user's past reviews, in the order of the batch's
            ``user_reviews``, 0 where there is none, shape ``(B, H)``.
        item: The same for the item's past reviews, shape ``(B, H)``.
    """

    rating: torch.Tensor
    user: torch.Tensor
    item: torch.Tensor


@torch.no_grad()
def leave_one_out(model: Any, interaction: Any) -> LeftOut:
    """Predict again without each past review, everything else being equal.

    Attention weights do not say what a prediction rests on (Jain and Wallace 2019, arXiv:1902.10186); this does, one
    review at a time. What two reviews say alike is hidden by the one that stays.

    Args:
        model: A trained ``RecCoT`` that reads reviews, in evaluation mode.
        interaction: Rows with their past reviews, unchanged afterwards.

    Returns:
        The predictions, and the changes: positive where the review raises the rating.
    """
    rating = model.rate(interaction)
    changes = {name: _changes(model, interaction, name, rating) for name in (USER_REVIEWS, ITEM_REVIEWS)}
    return LeftOut(rating, changes[USER_REVIEWS], changes[ITEM_REVIEWS])


def _changes(model: Any, interaction: Any, name: str, rating: torch.Tensor) -> torch.Tensor:
    numbers = interaction[name]
    changes = torch.zeros(numbers.shape, device=rating.device)
    for place in range(numbers.shape[1]):
        present = numbers[:, place] > 0
        if bool(present.any()):
            fewer = numbers.clone()
            fewer[:, place] = 0
            without = model.rate({**interaction.interaction, name: fewer})
            changes[:, place] = (rating - without).masked_fill(~present, 0)
    return changes
