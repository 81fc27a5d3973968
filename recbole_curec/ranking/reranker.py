"""The recommender's scores with their best candidates in the ranker's order, and what moved a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.data.facts import FactKind
from recbole_curec.ranking.candidates import Candidates, Queries, best_candidates
from recbole_curec.ranking.families import Column, Families
from recbole_curec.ranking.ranker import Ranker


@dataclass(frozen=True)
class Moved:
    """What ranking again did to one candidate.

    Attributes:
        before: Its place among the candidates of the recommender, 1 is best.
        after: Its place now.
        contributions: What each feature added to the ranker's score beyond its mean over the user's candidates,
            largest first; without those that only repeat what the recommender says.
    """

    before: int
    after: int
    contributions: Sequence[tuple[Column, float]]

    def kinds(self) -> list[FactKind]:
        """Kinds of the facts that speak of what moved it up, by how much they did, largest first."""
        sums: dict[FactKind, float] = {}
        for column, value in self.contributions:
            if column.speaks_of is not None:
                sums[column.speaks_of] = sums.get(column.speaks_of, 0.0) + value
        return sorted((kind for kind in sums if sums[kind] > 0), key=lambda kind: -sums[kind])


class Reranker:
    """Puts the best candidates of a recommender into another order.

    Args:
        families: Computes the features.
        ranker: Scores candidates by them.
        count: Candidates per user.
    """

    def __init__(self, families: Families, ranker: Ranker, count: int) -> None:
        self.families, self.ranker, self.count = families, ranker, count

    def rerank(self, scores: torch.Tensor, queries: Queries) -> torch.Tensor:
        """Scores whose order is the new one.

        The candidates exchange their scores among each other: the best one gets the highest score of a candidate, and
        so on. So every other item keeps its place, those of the past among them.

        Args:
            scores: The recommender's scores of every item, shape ``(B, n_items)``.
            queries: The users that the rows are of.
        """
        candidates = best_candidates(scores, queries.pasts, self.count)
        rows, columns = np.nonzero(candidates.there)
        items = np.take_along_axis(candidates.items, self.order(queries, candidates), axis=1)
        found = scores.clone()
        kept = torch.from_numpy(candidates.scores[rows, columns]).to(scores)
        found[torch.from_numpy(rows).to(scores.device), torch.from_numpy(items[rows, columns]).to(scores.device)] = kept
        return found

    def order(self, queries: Queries, candidates: Candidates) -> NDArray[np.int64]:
        """Columns of the candidates in the new order, best first, shape ``(Q, N)``; equal ones keep theirs."""
        ranked = np.full(candidates.items.shape, -np.inf)
        there = candidates.there
        if there.any():
            ranked[there] = self.ranker.scores(self.families.table(queries, candidates))
        return np.argsort(-ranked, axis=1, kind="stable")

    def moves(self, scores: torch.Tensor, queries: Queries) -> list[dict[int, Moved]]:
        """What was done to every candidate of every query, by item.

        Args:
            scores: The recommender's scores of every item, shape ``(B, n_items)``.
            queries: The users that the rows are of.
        """
        candidates = best_candidates(scores, queries.pasts, self.count)
        if not candidates.there.any():
            return [{} for _ in queries.pasts]
        places = np.argsort(self.order(queries, candidates), axis=1, kind="stable")
        added = self.ranker.contributions(self.families.table(queries, candidates))
        ends = np.cumsum(candidates.there.sum(axis=1))
        found: list[dict[int, Moved]] = []
        for row, part in enumerate(np.split(added, ends[:-1])):
            beyond = part - part.mean(axis=0) if len(part) else part
            found.append(
                {
                    int(candidates.items[row, place]): Moved(place + 1, int(places[row, place]) + 1, self._told(one))
                    for place, one in enumerate(beyond)
                }
            )
        return found

    def _told(self, added: NDArray[np.float64]) -> list[tuple[Column, float]]:
        own = [(column, float(value)) for column, value in zip(self.families.columns, added, strict=True)]
        return sorted((one for one in own if not one[0].is_base), key=lambda one: -one[1])
