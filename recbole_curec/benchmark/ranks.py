"""Ranks of test items in their users' rankings, collected during RecBole's own evaluation."""

from __future__ import annotations

from typing import Any

import pandas as pd
import torch

from recbole_curec.errors import CURecError
from recbole_curec.evaluation.ranking_metrics import target_ranks, user_metrics


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
