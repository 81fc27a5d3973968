"""How often one of two is preferred, with its Wilson interval; ties are counted and left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scipy import stats

from recbole_curec.evaluation.statistics import CONFIDENCE


@dataclass(frozen=True)
class WinRate:
    """Comparisons of a first with a second.

    Attributes:
        wins: Comparisons that the first wins.
        losses: Comparisons that the second wins.
        ties: Comparisons that neither wins.
    """

    wins: int
    losses: int
    ties: int = 0

    @classmethod
    def of(cls, preferred: Iterable[int | None]) -> WinRate:
        """Counted from what is preferred: 0, the first; 1, the second; None, neither."""
        told = list(preferred)
        return cls(told.count(0), told.count(1), told.count(None))

    @property
    def decided(self) -> int:
        """Comparisons without ties."""
        return self.wins + self.losses

    @property
    def rate(self) -> float | None:
        """Share of the first among those decided; None if there is none."""
        return self.wins / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the rate (Wilson, 1927, doi:10.1080/01621459.1927.10502953)."""
        if not self.decided:
            return None
        found = stats.binomtest(self.wins, self.decided).proportion_ci(CONFIDENCE, method="wilson")
        return float(found.low), float(found.high)

    def record(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "wins": self.wins,
            "losses": self.losses,
            "ties": self.ties,
            "rate": self.rate,
            "interval": None if self.interval is None else list(self.interval),
        }

    def __str__(self) -> str:
        """Rate, interval and counts in words."""
        tied = "1 tie" if self.ties == 1 else f"{self.ties:,} ties"
        if self.rate is None or self.interval is None:
            return f"none decided, {tied}"
        low, high = self.interval
        return f"{self.rate:.1%} of {self.decided:,} decided (95 % interval {low:.1%} to {high:.1%}), {tied}"
