"""What the past reviews of both sides tell in a few numbers, and a ridge regression of ratings on these numbers.

Layers with thousands of weights need many ratings before they find that a user and an item have something in common.
Whether two reviews say the same can be told from their vectors alone, so a handful of coefficients is enough for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

# Ratings that a side's mean must outweigh, and likeness that a weighted mean must outweigh, before half of it counts.
_RATINGS, _LIKENESS = 3.0, 1.0
_PENALTIES = (1.0, 10.0, 100.0, 1000.0, 1e4)
# Standard errors by which the fit must be better than none.
_SURE = 2.0


def mean_residual(residuals: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Shrunken mean of a side's past residual ratings, and the logarithm of their number, shape ``(B, 2)``.

    Args:
        residuals: Residual rating of every past review, shape ``(B, H)``.
        present: Whether there is a review at a place, shape ``(B, H)``.
    """
    count = present.sum(dim=1)
    mean = (residuals * present).sum(dim=1) / (count + _RATINGS)
    return torch.stack([mean, torch.log1p(count.float())], dim=1)


def alike_residuals(
    by_user: torch.Tensor, of_item: torch.Tensor, user_residuals: torch.Tensor, item_residuals: torch.Tensor
) -> torch.Tensor:
    """How the user rated where the user's reviews say what the item's say, and how others rated the item there.

    Two means over pairs of a review by the user and a review of the item, weighted by their likeness (the cosine, where
    it is positive), and shrunk where nothing is alike; shape ``(B, 2)``.

    Args:
        by_user: Unit vectors of the user's past reviews, zeros where there is none, shape ``(B, H, D)``.
        of_item: The same of the item's past reviews, shape ``(B, H, D)``.
        user_residuals: What the user's past ratings leave after the items' biases, shape ``(B, H)``.
        item_residuals: What the item's past ratings leave after the users' biases, shape ``(B, H)``.
    """
    alike = (by_user @ of_item.transpose(1, 2)).clamp(min=0)  # (B, H, H)
    total = alike.sum(dim=(1, 2)) + _LIKENESS
    of_user = (alike * user_residuals.unsqueeze(2)).sum(dim=(1, 2)) / total
    return torch.stack([of_user, (alike * item_residuals.unsqueeze(1)).sum(dim=(1, 2)) / total], dim=1)


@dataclass(frozen=True)
class SummaryRidge:
    """A linear prediction from standardised summaries.

    Attributes:
        mean: Mean of every summary over the training rows, shape ``(F,)``.
        spread: Its standard deviation, 1 where it is constant, shape ``(F,)``.
        weights: Coefficients, shape ``(F,)``.
        gain: Share of the squared error that the best fit saves, every row being left out of its own fit.
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]
    gain: float

    @classmethod
    def fit(cls, summaries: NDArray[Any], target: NDArray[Any], importance: NDArray[Any]) -> SummaryRidge:
        """Fit with the penalty of the smallest leave-one-out error (Allen 1974, doi:10.1080/00401706.1974.10489157).

        All weights are 0 where that error is not clearly smaller than without any summary.

        Args:
            summaries: Summaries of the training rows, shape ``(N, F)``.
            target: What they are to predict, shape ``(N,)``.
            importance: Weight of every row, shape ``(N,)``.
        """
        values = summaries.astype(np.float64)
        mean, spread = values.mean(axis=0), values.std(axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        root = np.sqrt(importance.astype(np.float64))
        rows, wanted = (values - mean) / spread * root[:, None], target.astype(np.float64) * root
        gram, moment = rows.T @ rows, rows.T @ wanted

        def gains(penalty: float) -> NDArray[np.float64]:
            """By how much the squared error of every row is smaller than without summaries, the row being left out."""
            inverse = np.linalg.inv(gram + penalty * np.eye(len(gram)))
            leverage = np.einsum("nf,fg,ng->n", rows, inverse, rows)
            return np.asarray(wanted**2 - ((wanted - rows @ (inverse @ moment)) / (1 - leverage)) ** 2)

        tried = {penalty: gains(penalty) for penalty in _PENALTIES}
        best, gained = max(tried.items(), key=lambda found: float(found[1].mean()))
        gain = float(gained.sum() / (wanted**2).sum())
        if gained.mean() < _SURE * gained.std() / np.sqrt(len(gained)):
            return cls(mean, spread, np.zeros(len(gram)), gain)
        return cls(mean, spread, np.linalg.solve(gram + best * np.eye(len(gram)), moment), gain)

    def predict(self, summaries: NDArray[Any]) -> NDArray[np.float64]:
        """What the summaries of some rows add, shape ``(n,)``."""
        return np.asarray((summaries - self.mean) / self.spread @ self.weights)
