"""The network of the reward model: a recommender with the reason as an additional input."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class RewardModel(nn.Module):
    """Scores how likely a user is to take an item, given the user's history and optionally a reason.

    A GRU reads the history; the query (item, reason) attends over it (target attention, DIN, Zhou et al. 2018,
    arXiv:1706.06978); an MLP scores interest, item and reason. Text vectors of items and reasons share one space, so
    the cosine between a reason and the history's items is both an attention logit and an input of the head.

    Args:
        item_text: Text vectors of items, shape ``(n_items, T)``; row 0 is padding.
        hidden: Width ``H``.
    """

    item_text: Tensor

    def __init__(self, item_text: Tensor, hidden: int) -> None:
        super().__init__()
        n_items, text_dim = item_text.shape
        self.register_buffer("item_text", functional.normalize(item_text, dim=-1))
        self.item_embedding = nn.Embedding(n_items, hidden, padding_idx=0)
        nn.init.normal_(self.item_embedding.weight, std=0.05)
        self.text_projection = nn.Linear(text_dim, hidden)
        self.no_reason = nn.Parameter(torch.zeros(hidden))
        self.encoder = nn.GRU(hidden, hidden, batch_first=True)
        self.query = nn.Linear(2 * hidden, hidden)
        self.cosine_scale = nn.Parameter(torch.ones(1))
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Sequential(nn.Linear(5 * hidden + 4, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def items(self, ids: Tensor) -> Tensor:
        """Embeddings of items from id and text, shape ``(..., H)``."""
        embedded: Tensor = self.item_embedding(ids) + self.text_projection(self.item_text[ids])
        return embedded

    def history(self, history: Tensor) -> Tensor:
        """States of the encoder, shape ``(B, L, H)``, for item ids ``(B, L)`` padded with 0 on the left."""
        states: Tensor = self.encoder(self.dropout(self.items(history)))[0]
        return states

    def forward(self, history: Tensor, item: Tensor, reason: Tensor, has_reason: Tensor) -> Tensor:
        """Logits, shape ``(B,)``.

        Args:
            history: Item ids before the target, ``(B, L)``, padded with 0 on the left.
            item: Target ids, ``(B,)``.
            reason: Text vectors of the reasons, ``(B, T)``; ignored for rows without a reason.
            has_reason: Whether a row carries a reason, ``(B,)``.
        """
        return self.score(self.history(history), history, item, reason, has_reason)

    def score(self, states: Tensor, history: Tensor, item: Tensor, reason: Tensor, has_reason: Tensor) -> Tensor:
        """Logits from precomputed states of the history, so that several items share one pass of the GRU."""
        given = has_reason.unsqueeze(-1).to(states.dtype)  # (B, 1)
        reason = functional.normalize(reason, dim=-1) * given  # (B, T)
        target = self.items(item)  # (B, H)
        given_reason = self.text_projection(reason) * given + self.no_reason * (1 - given)  # (B, H)
        query = self.query(torch.cat([target, given_reason], dim=-1))  # (B, H)

        padding = history == 0  # (B, L)
        cosine = torch.einsum("blt,bt->bl", self.item_text[history], reason)  # (B, L)
        logits = torch.einsum("blh,bh->bl", states, query) / states.shape[-1] ** 0.5 + self.cosine_scale * cosine
        logits = logits.masked_fill(padding, -1e4)
        interest = torch.einsum("bl,blh->bh", logits.softmax(-1), states)  # (B, H)
        interest = interest * (~padding).any(-1, keepdim=True)

        cosine = cosine.masked_fill(padding, 0.0)
        matches = torch.stack(
            [
                cosine.amax(-1),
                cosine.sum(-1) / (~padding).sum(-1).clamp(min=1),
                (self.item_text[item] * reason).sum(-1),
            ],
            dim=-1,
        )  # (B, 3)
        features = [interest, target, given_reason, interest * target, interest * given_reason, matches, given]
        scores: Tensor = self.head(self.dropout(torch.cat(features, dim=-1))).squeeze(-1)
        return scores
