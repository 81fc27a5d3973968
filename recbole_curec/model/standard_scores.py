"""Scores standardised per user: from all scores of a user, or from the mean and covariance of item vectors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

# A user's scores that spread less than this share of their size are equal but for the rounding of float32.
_ROUNDING = 1e-5
_ROWS_AT_ONCE = 65_536


def standard_scores(scores: torch.Tensor) -> torch.Tensor:
    """Scores minus their mean, divided by their standard deviation, both per user; 0 where all are equal.

    Args:
        scores: Shape ``(B, n_items)``; the padding item, column 0, is left out of mean and deviation.
    """
    scores = scores.float()
    variance, mean = torch.var_mean(scores[:, 1:], dim=1, correction=0, keepdim=True)  # (B, 1)
    return (scores - mean).mul_(_factors(variance, mean))


def _factors(variance: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """One over the standard deviation; 0 where the scores are equal but for rounding."""
    alike = variance <= _ROUNDING**2 * (variance + mean**2)
    return torch.where(alike, 0.0, variance.where(~alike, 1.0).rsqrt())


@dataclass(frozen=True)
class ItemMoments:
    """Mean and covariance of item vectors, from which a user's mean score and deviation follow without any score.

    The scores ``u.v`` of a user have mean ``u.m`` and variance ``u' C u``: for every user the cost is that of one small
    matrix product, whatever the number of items.

    Attributes:
        mean: Shape ``(H,)``, float64.
        covariance: Shape ``(H, H)``, float64.
    """

    mean: torch.Tensor
    covariance: torch.Tensor

    @classmethod
    def of(cls, items: torch.Tensor) -> ItemMoments:
        """The moments of a table of items, shape ``(n_items, H)``; row 0 is padding and left out."""
        mean = items[1:].mean(dim=0, dtype=torch.float64)
        covariance = torch.zeros(len(mean), len(mean), dtype=torch.float64, device=items.device)
        for rows in torch.split(items[1:], _ROWS_AT_ONCE):
            centred = rows.double() - mean
            covariance.addmm_(centred.T, centred)
        return cls(mean, covariance / (len(items) - 1))

    def standardised(self, users: torch.Tensor) -> torch.Tensor:
        """User vectors whose dot products with centred item vectors ``v - m`` are standard scores, shape ``(B, H)``.

        Args:
            users: Vectors whose dot products with the items are the scores, shape ``(B, H)``.
        """
        exact = users.double()
        variance = torch.einsum("bh,hk,bk->b", exact, self.covariance, exact).clamp(min=0).unsqueeze(1)
        mean = (exact @ self.mean).unsqueeze(1)
        return (exact * _factors(variance, mean)).to(users.dtype)
