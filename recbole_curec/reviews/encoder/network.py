"""The network: a BERT whose mean token state is projected to a unit vector, with a rating head and vectors of ids."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

# Standard deviations of the rating per unit of the first coordinate; no rating is many more than four from the mean.
_DEVIATIONS = 4.0
_FIRST_RATING = 0.02
# Logit of a pair that is no negative.
_EXCLUDED = -1e4


class ReviewEncoder(nn.Module):
    """Turns tokens of a chain and a review into a vector: a coordinate for the rating, and a unit vector for its ids.

    The part for the ids has length one, so that every review counts alike in the mean vector of a user or an item, and
    vectors of all folds are of one size for the model that reads them. The rating has a coordinate of its own, whatever
    its size: in one unit vector with the ids, a strong opinion would leave them no room.

    Args:
        body: A transformers encoder with hidden size ``H``.
        dim: Size ``D`` of the vector.
        dtype: Dtype that the body computes in; weights, and what follows the body, are float32.
    """

    def __init__(self, body: Any, dim: int, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.body, self.dtype = body, dtype
        width = int(body.config.hidden_size)
        # Mean states of texts differ little beside what they have in common, and ratings are centred as well.
        self.centring = nn.BatchNorm1d(width, affine=False)
        self.projection = nn.Linear(width, dim, bias=False)
        with torch.no_grad():
            self.projection.weight[0] *= _FIRST_RATING  # else training would begin by unlearning random ratings

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Vectors of texts padded to a common length, shape ``(B, D)``."""
        mask = inputs["attention_mask"].unsqueeze(-1)  # (B, L, 1)
        with torch.autocast(mask.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            hidden = self.body(**inputs).last_hidden_state.float()  # (B, L, H)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        made = self.projection(self.centring(pooled))
        rating, ids = made[:, :1], made[:, 1:]
        return torch.cat([rating, functional.normalize(ids, dim=-1)], dim=-1)

    @staticmethod
    def ratings(vectors: Tensor) -> Tensor:
        """Ratings in standard deviations from the mean, shape ``(B,)``: the first coordinate in another unit."""
        return _DEVIATIONS * vectors[:, 0]


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
        # Indexing would add gradients in the order that threads come; `embedding` adds them in one order.
        sums = functional.embedding(users, self.users) + functional.embedding(items, self.items)
        pairs = functional.normalize(sums, dim=-1)  # (B, D - 1)
        logits = vectors[:, 1:] @ pairs.T / temperature  # (B, B)
        shared = (users[:, None] == users) | (items[:, None] == items)
        shared.fill_diagonal_(False)
        logits = logits.masked_fill(shared, _EXCLUDED)
        own = torch.arange(len(vectors), device=vectors.device)
        return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2
