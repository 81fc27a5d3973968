"""Measurements of a language model on reviews that it was not trained on: rewards, ratings, aspects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recbole_curec.reviews.gaming import gaming_report
from recbole_curec.reviews.held_out import chain_report
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.training.held_out_prompts import HeldOutPrompts


@dataclass(frozen=True)
class ChainHeldOut(HeldOutPrompts):
    """Prompts about held-out reviews, with the columns of ``chain_columns``.

    Attributes:
        scale: The scale of the ratings.
    """

    scale: RatingScale

    def measure(self, completions: Sequence[str]) -> dict[str, float]:
        """Means over the reviews (:func:`~recbole_curec.reviews.held_out.chain_report`)."""
        return chain_report(completions, self.rows, self.scale, self.rewards, self.weights)

    def gaming(self) -> dict[str, dict[str, float]]:
        """Mean rewards of the policies that exploit them."""
        return gaming_report(self.rewards, self.weights, self.rows, self.scale)
