"""Ranks of targets in rows of scores, and the metrics of every user that follow from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

# Columns of ranks: by RecBole's protocol, and with the user's history left out of the list.
RANK, WITHOUT_HISTORY = "rank", "rank_without_history"
_CHUNK = 256


def target_ranks(scores: torch.Tensor, row: torch.Tensor, item: torch.Tensor, cutoff: int) -> torch.Tensor:
    """Rank of each target in its row of scores, shape ``(P,)``.

    Equal scores within the first ``cutoff`` are ordered as by ``torch.topk``, which RecBole's metrics use; beyond it, a
    target is ranked before items with the same score.

    Args:
        scores: Shape ``(B, n_items)``.
        row: Row of each target, shape ``(P,)``.
        item: Item of each target, shape ``(P,)``.
        cutoff: Number of top items that RecBole's metrics use.
    """
    row, item = row.to(scores.device), item.to(scores.device)
    best = torch.topk(scores, min(cutoff, scores.shape[1]), dim=-1).indices  # (B, K)
    places = best[row] == item.unsqueeze(1)  # (P, K)
    inside = places.any(dim=1)
    above = torch.cat(
        [
            (scores[rows] > scores[rows, items].unsqueeze(1)).sum(dim=1)
            for rows, items in zip(torch.split(row, _CHUNK), torch.split(item, _CHUNK), strict=True)
        ]
    )
    return torch.where(inside, places.int().argmax(dim=1) + 1, (above + 1).clamp(min=cutoff + 1))


def user_metrics(ranks: pd.DataFrame, cutoff: int, column: str = RANK) -> pd.DataFrame:
    """Recall and NDCG of every user, as RecBole defines them (Järvelin & Kekäläinen, 2002).

    Args:
        ranks: Column ``user`` and one of ranks (1 is best), one row per target.
        cutoff: Length of the recommended list.
        column: The column of ranks.

    Returns:
        Columns ``recall@<cutoff>`` and ``ndcg@<cutoff>``, one row per user, sorted by user.
    """
    hit = (ranks[column] <= cutoff).to_numpy()
    gain = np.where(hit, 1 / np.log2(ranks[column].to_numpy(dtype=np.float64) + 1), 0.0)
    table = pd.DataFrame({"user": ranks["user"], "hits": hit, "gain": gain, "targets": 1})
    sums = table.groupby("user", sort=True).sum()
    ideal = np.cumsum(1 / np.log2(np.arange(2, cutoff + 2)))  # (K,), by number of targets
    best: NDArray[np.float64] = ideal[np.minimum(sums["targets"].to_numpy(), cutoff) - 1]
    return pd.DataFrame({f"recall@{cutoff}": sums["hits"] / sums["targets"], f"ndcg@{cutoff}": sums["gain"] / best})
