"""The network: a BERT whose mean token state is projected to a unit vector, with a rating head and vectors of ids."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

# Ratings are in standard deviations and seldom beyond four; the first coordinate of a unit vector is at most one.
_FIRST_SCALE = 4.0
_FIRST_RATING = 0.1
# Logit of a pair that is no negative.
_EXCLUDED = -1e4


class ReviewEncoder(nn.Module):
    """Turns tokens of a chain and a review into a unit vector.

    The vector has length one, so that in the mean of a user's or an item's vectors every review counts alike, cosines
    are products, and vectors of all folds are of one size for the model that reads them.

    Args:
        body: A transformers encoder with hidden size ``H``.
        dim: Size ``D`` of the vector.
        dtype: Dtype that the body computes in; weights, and what follows the body, are float32.
    """

    def __init__(self, body: Any, dim: int, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.body, self.dtype = body, dtype
        width = int(body.config.hidden_size)
        # Mean states of texts differ little beside what they have in common, which no cosine could see past.
        self.centring = nn.BatchNorm1d(width, affine=False)
        self.projection = nn.Linear(width, dim, bias=False)
        with torch.no_grad():
            self.projection.weight[0] *= _FIRST_RATING  # else training would begin by unlearning random ratings
        self.log_scale = nn.Parameter(torch.tensor(_FIRST_SCALE).log())
        self.offset = nn.Parameter(torch.zeros(()))

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Unit vectors of texts padded to a common length, shape ``(B, D)``."""
        mask = inputs["attention_mask"].unsqueeze(-1)  # (B, L, 1)
        with torch.autocast(mask.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            hidden = self.body(**inputs).last_hidden_state.float()  # (B, L, H)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        return functional.normalize(self.projection(self.centring(pooled)), dim=-1)

    def ratings(self, vectors: Tensor) -> Tensor:
        """Ratings in standard deviations from the mean, shape ``(B,)``: the first coordinate, scaled and shifted."""
        predicted: Tensor = self.log_scale.exp() * vectors[:, 0] + self.offset
        return predicted


class IdVectors(nn.Module):
    """Vectors of the user and item ids that reviews are contrasted with.

    Args:
        user_codes: Where the users' vectors start, shape ``(n_users, D - 1)``.
        item_codes: Where the items' vectors start, shape ``(n_items, D - 1)``.
    """

    def __init__(self, user_codes: Tensor, item_codes: Tensor) -> None:
        super().__init__()
        self.users = nn.Parameter(user_codes.clone())
        self.items = nn.Parameter(item_codes.clone())

    def contrast(self, vectors: Tensor, users: Tensor, items: Tensor, temperature: float) -> Tensor:
        """InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) between reviews and their pairs of ids, both ways.

        The other pairs of the batch are the negatives, except those that share the user or the item.

        Args:
            vectors: Review vectors, shape ``(B, D)``; their first coordinate, the rating, takes no part.
            users: User numbers, shape ``(B,)``.
            items: Item numbers, shape ``(B,)``.
            temperature: Divides the cosines.
        """
        pairs = functional.normalize(self.users[users] + self.items[items], dim=-1)  # (B, D - 1)
        logits = vectors[:, 1:] @ pairs.T / temperature  # (B, B)
        shared = (users[:, None] == users) | (items[:, None] == items)
        shared.fill_diagonal_(False)
        logits = logits.masked_fill(shared, _EXCLUDED)
        own = torch.arange(len(vectors), device=vectors.device)
        return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2
