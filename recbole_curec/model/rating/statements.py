"""What the past reviews of one side say about the other: a transformer over the list, then attention from an id."""

from __future__ import annotations

import torch
from torch import nn


class PastStatements(nn.Module):
    """Encodes the past reviews of a user, asked by the item, or of an item, asked by the user.

    A list has no order, and may be empty: a learned first entry stands for what is known without any review.
    """

    def __init__(self, dim: int, n_numbers: int, hidden: int, layers: int, heads: int, dropout: float) -> None:
        """Build the layers.

        Args:
            dim: Size of a review's vector.
            n_numbers: Numbers given beside it.
            hidden: Width.
            layers: Transformer layers.
            heads: Attention heads.
            dropout: Dropout.
        """
        super().__init__()
        self.numbers = nn.Linear(n_numbers, hidden)
        self.nothing = nn.Parameter(torch.zeros(hidden))
        self.norm = nn.LayerNorm(hidden)
        self.dropout = nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(
            hidden, heads, 2 * hidden, dropout, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.attention = nn.MultiheadAttention(hidden, heads, dropout, batch_first=True)
        self.query = nn.Linear(hidden, hidden)
        # Last, so that the other layers start equal whatever the size of a vector.
        self.vectors = nn.Linear(dim, hidden, bias=False)

    def forward(
        self,
        vectors: torch.Tensor,
        numbers: torch.Tensor,
        partners: torch.Tensor,
        present: torch.Tensor,
        asking: torch.Tensor,
    ) -> torch.Tensor:
        """What the lists say, shape ``(B, hidden)``.

        Args:
            vectors: Vectors of the reviews, shape ``(B, H, dim)``.
            numbers: Their numbers, shape ``(B, H, n_numbers)``.
            partners: Id vectors of whom each review is about, or by, shape ``(B, H, hidden)``.
            present: Whether there is a review at a place, shape ``(B, H)``.
            asking: Id vectors of the other side's target, shape ``(B, hidden)``.
        """
        entries = self.dropout(self.norm(self.vectors(vectors) + self.numbers(numbers) + partners))
        first = self.nothing.expand(len(entries), 1, -1)
        padding = torch.cat([torch.zeros_like(present[:, :1]), ~present], dim=1)  # (B, 1 + H)
        states = self.encoder(torch.cat([first, entries], dim=1), src_key_padding_mask=padding)
        query = self.query(asking).unsqueeze(1)
        said: torch.Tensor = self.attention(query, states, states, key_padding_mask=padding, need_weights=False)[0]
        return said.squeeze(1)
