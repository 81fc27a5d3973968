"""Ranks of test items in their users' rankings, collected during RecBole's own evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch

from recbole_curec.errors import CURecError
from recbole_curec.evaluation.ranking_metrics import RANK, WITHOUT_HISTORY, target_ranks, user_metrics
from recbole_curec.plugin.history_mask import keeps_history, observed


def test_ranks(trainer: Any, test: Any) -> pd.DataFrame:
    """Ranks of all test items by the trainer's current model, among RecBole's candidates.

    Args:
        trainer: A RecBole trainer with the model to test.
        test: RecBole's full-sort loader of the test split.

    Returns:
        Columns ``user``, ``item`` (original ids) and ``rank`` (1 is best), one row per test interaction; for a
        sequential model also ``rank_without_history``, with the items left out that the user had taken before.
    """
    collected = CollectedRanks(trainer, test)
    observed(trainer, test, collected.observe)
    return collected.table()


class CollectedRanks:
    """Ranks of the targets of an evaluation, collected batch by batch.

    Args:
        trainer: The RecBole trainer that evaluates.
        test: RecBole's full-sort loader that it evaluates.
    """

    def __init__(self, trainer: Any, test: Any) -> None:
        self._dataset, self._cutoff = test.dataset, max(trainer.eval_collector.topk)
        self._users: list[torch.Tensor] = []
        self._items: list[torch.Tensor] = []
        self._ranks: dict[str, list[torch.Tensor]] = {RANK: []}
        if keeps_history(test):
            self._ranks[WITHOUT_HISTORY] = []

    def observe(
        self, scores: torch.Tensor, interaction: Any, row: torch.Tensor, item: torch.Tensor, left_out: bool
    ) -> None:
        """Take one batch, see :data:`recbole_curec.plugin.history_mask.Observer`."""
        self._ranks[WITHOUT_HISTORY if left_out else RANK].append(target_ranks(scores, row, item, self._cutoff).cpu())
        if not left_out:
            self._users.append(interaction[self._dataset.uid_field].cpu()[row.cpu()])
            self._items.append(item.cpu())

    def table(self) -> pd.DataFrame:
        """The ranks, see :func:`test_ranks`."""
        dataset = self._dataset
        return pd.DataFrame(
            {
                "user": dataset.id2token(dataset.uid_field, torch.cat(self._users).numpy()),
                "item": dataset.id2token(dataset.iid_field, torch.cat(self._items).numpy()),
                **{name: torch.cat(found).numpy() for name, found in self._ranks.items()},
            }
        )


test_ranks.__test__ = False  # type: ignore[attr-defined]  # tells pytest that this is not a test


def check_against(
    reported: Mapping[str, float], ranks: pd.DataFrame, cutoff: int, decimals: int, column: str = RANK
) -> None:
    """Check that the means over users equal RecBole's own figures.

    Args:
        reported: Metrics by RecBole's evaluation.
        ranks: Result of :func:`test_ranks`.
        cutoff: Length of the recommended list.
        decimals: Decimals that RecBole rounds to.
        column: The ranks in question.

    Raises:
        CURecError: A metric differs by more than rounding.
    """
    for metric, mean in user_metrics(ranks, cutoff, column).mean().items():
        value = reported.get(str(metric))
        if value is not None and abs(float(mean) - value) > 0.51 * 10**-decimals:
            raise CURecError(
                f"{metric} is {value} by RecBole's evaluation and {mean:.6f} by the ranks: the model's scores change "
                "from one evaluation to the next, so no per-user test can be made."
            )
