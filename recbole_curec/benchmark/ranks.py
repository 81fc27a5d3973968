"""Ranks of test items in their users' rankings, collected during RecBole's own evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from recbole_curec.errors import CURecError

_CHUNK = 256


def test_ranks(trainer: Any, test: Any) -> pd.DataFrame:
    """Ranks of all test items by the trainer's current model, among RecBole's candidates.

    Args:
        trainer: A RecBole trainer with the model to test.
        test: RecBole's full-sort loader of the test split.

    Returns:
        Columns ``user``, ``item`` (original ids) and ``rank`` (1 is best), one row per test interaction.
    """
    dataset, collector = test.dataset, trainer.eval_collector
    cutoff = max(collector.topk)
    collect = collector.eval_batch_collect
    users: list[torch.Tensor] = []
    items: list[torch.Tensor] = []
    ranks: list[torch.Tensor] = []

    def record(scores: torch.Tensor, interaction: Any, row: torch.Tensor, item: torch.Tensor) -> None:
        users.append(interaction[dataset.uid_field].cpu()[row.cpu()])
        items.append(item.cpu())
        ranks.append(target_ranks(scores, row, item, cutoff).cpu())
        collect(scores, interaction, row, item)

    collector.eval_batch_collect = record
    try:
        trainer.evaluate(test, load_best_model=False, show_progress=False)
    finally:
        del collector.eval_batch_collect  # the class's own method again
    return pd.DataFrame(
        {
            "user": dataset.id2token(dataset.uid_field, torch.cat(users).numpy()),
            "item": dataset.id2token(dataset.iid_field, torch.cat(items).numpy()),
            "rank": torch.cat(ranks).numpy(),
        }
    )


test_ranks.__test__ = False  # type: ignore[attr-defined]  # tells pytest that this is not a test


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


def user_metrics(ranks: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """Recall and NDCG of every user, as RecBole defines them (Järvelin & Kekäläinen, 2002).

    Args:
        ranks: Result of :func:`test_ranks`.
        cutoff: Length of the recommended list.

    Returns:
        Columns ``recall@<cutoff>`` and ``ndcg@<cutoff>``, one row per user, sorted by user.
    """
    hit = (ranks["rank"] <= cutoff).to_numpy()
    gain = np.where(hit, 1 / np.log2(ranks["rank"].to_numpy(dtype=np.float64) + 1), 0.0)
    table = pd.DataFrame({"user": ranks["user"], "hits": hit, "gain": gain, "targets": 1})
    sums = table.groupby("user", sort=True).sum()
    ideal = np.cumsum(1 / np.log2(np.arange(2, cutoff + 2)))  # (K,), by number of targets
    best: NDArray[np.float64] = ideal[np.minimum(sums["targets"].to_numpy(), cutoff) - 1]
    return pd.DataFrame({f"recall@{cutoff}": sums["hits"] / sums["targets"], f"ndcg@{cutoff}": sums["gain"] / best})


def check_against(reported: dict[str, float], ranks: pd.DataFrame, cutoff: int, decimals: int) -> None:
    """Check that the means over users equal RecBole's own figures.

    Raises:
        CURecError: A metric differs by more than rounding.
    """
    for metric, mean in user_metrics(ranks, cutoff).mean().items():
        value = reported.get(str(metric))
        if value is not None and abs(float(mean) - value) > 0.51 * 10**-decimals:
            raise CURecError(
                f"{metric} is {value} by RecBole's evaluation and {mean:.6f} by the ranks: the model's scores change "
                "from one evaluation to the next, so no per-user test can be made."
            )
