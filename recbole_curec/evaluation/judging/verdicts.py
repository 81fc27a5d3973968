"""What a judge's answers in both orders say: consistent verdicts, flips, and whether it finds planted worse sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recbole_curec.evaluation.judging.prompts import Verdict
from recbole_curec.evaluation.win_rate import WinRate

Outcome = Literal["first", "second", "tie", "flip", "unread"]
# What the verdict on the turned question must be for both to agree.
_TURNED: dict[Verdict, Verdict] = {"1": "2", "2": "1", "tie": "tie"}
_OUTCOMES: dict[Verdict, Outcome] = {"1": "first", "2": "second", "tie": "tie"}
# Share of planted worse sides that a judge worth the name finds.
SOUND = 0.8


def outcome_of(straight: Verdict | None, turned: Verdict | None) -> Outcome:
    """What both verdicts on a comparison say together.

    Args:
        straight: Verdict in the order of the texts; None if the answer was none of 1, 2 and tie.
        turned: Verdict in the other order.
    """
    if straight is None or turned is None:
        return "unread"
    return _OUTCOMES[straight] if turned == _TURNED[straight] else "flip"


@dataclass(frozen=True)
class Verdicts:
    """The outcomes of some comparisons.

    Attributes:
        outcomes: One per comparison.
        firsts: Answers that name what stands first, whatever it is.
        read: Answers that could be read.
    """

    outcomes: Sequence[Outcome]
    firsts: int
    read: int

    @classmethod
    def of(cls, verdicts: Sequence[tuple[Verdict | None, Verdict | None]]) -> Verdicts:
        """The outcomes of verdicts in both orders."""
        single = [verdict for both in verdicts for verdict in both if verdict is not None]
        return cls([outcome_of(*both) for both in verdicts], single.count("1"), len(single))

    @property
    def win_rate(self) -> WinRate:
        """How often the first text wins, by consistent verdicts alone."""
        count = Counter(self.outcomes)
        return WinRate(count["first"], count["second"], count["tie"])

    @property
    def flips(self) -> int:
        """Comparisons whose verdict depends on the order."""
        return Counter(self.outcomes)["flip"]

    @property
    def unread(self) -> int:
        """Comparisons of which an answer could not be read."""
        return Counter(self.outcomes)["unread"]

    @property
    def flip_rate(self) -> float | None:
        """Share of flips among the comparisons whose answers could be read; None if there is none."""
        readable = len(self.outcomes) - self.unread
        return self.flips / readable if readable else None

    @property
    def share_first(self) -> float | None:
        """Share of answers that name what stands first; None without an answer."""
        return self.firsts / self.read if self.read else None

    @property
    def found(self) -> float | None:
        """Share of comparisons that the first text wins in both orders: of planted worse sides, those found."""
        return Counter(self.outcomes)["first"] / len(self.outcomes) if self.outcomes else None
