"""What ranking again does to the lists of a split: metrics before and after, by RecBole and without the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.evaluation.ranking_metrics import target_ranks, user_metrics
from recbole_curec.evaluation.statistics import Comparison, compare
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.rank_queries import SplitQueries, split_queries
from recbole_curec.plugin.scoring import ModelScorer, users_at_once
from recbole_curec.ranking.candidates import without_history
from recbole_curec.ranking.ranker import CUTOFF
from recbole_curec.ranking.reranker import Reranker

VALID, TEST = 1, 2
_NDCG = f"ndcg@{CUTOFF}"


@dataclass(frozen=True)
class Effect:
    """Lists of some queries without the items of the past, before and after.

    Attributes:
        before: Recall and NDCG of the recommender's order, means over queries.
        after: Those of the ranker's order.
        comparisons: Comparison of both, query by query, by metric.
        recall: Share of the targets that are among the candidates.
    """

    before: dict[str, float]
    after: dict[str, float]
    comparisons: dict[str, Comparison]
    recall: float

    @property
    def helps(self) -> bool:
        """Whether the mean NDCG rises."""
        return self.comparisons[_NDCG].difference > 0

    def record(self) -> dict[str, Any]:
        """Plain data for storage."""
        tests = {
            metric: {"difference": one.difference, "low": one.low, "high": one.high, "p": one.t_test}
            for metric, one in self.comparisons.items()
        }
        queries = self.comparisons[_NDCG].users
        return {"queries": queries, "before": self.before, "after": self.after, "comparisons": tests}

    def __str__(self) -> str:
        """NDCG before and after, with the interval of the difference."""
        one = self.comparisons[_NDCG]
        change = "" if one.relative is None else f" ({100 * one.relative:+.1f}%)"
        spread = "" if one.low is None else f" [{one.low:+.4f}, {one.high:+.4f}], p {one.t_test:.2g}"
        return (
            f"NDCG@{CUTOFF} {self.before[_NDCG]:.4f}, ranked again {self.after[_NDCG]:.4f}{change}, difference "
            f"{one.difference:+.4f}{spread}, {one.users:,} queries"
        )


def effect(scorer: ModelScorer, reranker: Reranker, wanted: SplitQueries, progress: bool) -> Effect:
    """Rank again and compare.

    Args:
        scorer: The recommender.
        reranker: Puts its lists into another order.
        wanted: The queries of a split.
        progress: Whether to show a bar.
    """
    tables: dict[str, list[pd.DataFrame]] = {"before": [], "after": []}
    for rows in query_batches(scorer, len(wanted), "measuring the ranker", progress):
        queries, targets = wanted.queries.part(rows), wanted.targets[rows]
        scores = scorer.scores(queries.users.tolist(), queries.pasts)
        row = np.repeat(np.arange(len(queries)), [len(one) for one in targets])
        item = np.concatenate(targets)
        for name, those in (("before", scores), ("after", reranker.rerank(scores, queries))):
            ranks = _ranks(those, queries.pasts, row, item, reranker.count)
            tables[name].append(pd.DataFrame({"user": row + rows.start, "rank": ranks}))
    ranks_before = pd.concat(tables["before"])
    before, after = (user_metrics(pd.concat(tables[name]), CUTOFF) for name in ("before", "after"))
    return Effect(
        before={str(name): float(value) for name, value in before.mean().items()},
        after={str(name): float(value) for name, value in after.mean().items()},
        comparisons={one.metric: one for one in compare("after", [after], "before", [before])},
        recall=float((ranks_before["rank"] <= reranker.count).mean()),
    )


def _ranks(
    scores: torch.Tensor,
    pasts: Sequence[NDArray[np.int64]],
    row: NDArray[np.int64],
    item: NDArray[np.int64],
    count: int,
) -> NDArray[np.int64]:
    """Ranks among the items that the user has not taken; a target that the user had before stays among them."""
    left = without_history(scores, pasts)
    rows, items = (torch.from_numpy(one).to(left.device) for one in (row, item))
    left[rows, items] = scores[rows, items]
    return np.asarray(target_ranks(left, rows, items, count).cpu().numpy())


@contextmanager
def reranked(trainer: Any, reranker: Reranker, splits: tuple[Any, Any, Any], number: int) -> Iterator[None]:
    """Let RecBole's evaluation of a split see scores in the new order.

    Candidates are the best items that the user has not taken; items of the past, which RecBole leaves in the lists of
    sequential models, keep their places.

    Args:
        trainer: The trainer, whose model scores.
        reranker: What puts the scores in order.
        splits: RecBole's loaders.
        number: The split that is evaluated: 1 is validation, 2 the test.
    """
    wanted = split_queries(splits, number)
    original, at = trainer._full_sort_batch_eval, 0

    def batch_eval(batch: Any) -> Any:
        nonlocal at
        interaction, scores, row, item = original(batch)
        queries = wanted.queries.part(slice(at, at + len(scores)))
        users = interaction[dataset_of(splits[0]).uid_field].cpu().numpy()
        if not np.array_equal(users, queries.users):
            raise RuntimeError("RecBole's loader has another order than its dataset: a fault of this package.")
        at = (at + len(scores)) % len(wanted)  # after the last batch, another evaluation may begin
        return interaction, reranker.rerank(scores, queries), row, item

    trainer._full_sort_batch_eval = batch_eval
    try:
        yield
    finally:
        del trainer._full_sort_batch_eval  # the class's own method again


def query_batches(scorer: ModelScorer, count: int, what: str, progress: bool) -> Iterator[slice]:
    """Rows of queries whose scores are held at once."""
    size = users_at_once(scorer.n_items)
    starts = range(0, count, size)
    for start in tqdm(starts, desc=what, unit="batch", leave=False, disable=None if progress else True):
        yield slice(start, min(start + size, count))
