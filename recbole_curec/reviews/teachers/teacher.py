"""The interface of chain teachers, which write the chains that the language model learns from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TaughtChains:
    """What a teacher wrote.

    Attributes:
        completions: One per review.
        rejected: How many answers were replaced by the offline teacher's, by what was wrong with them.
    """

    completions: list[str]
    rejected: Counter[str] = field(default_factory=Counter)


class ChainTeacher(ABC):
    """Writes a chain for a training review whose rating it is told."""

    @abstractmethod
    def write(self, texts: Sequence[str], ratings: Sequence[float]) -> TaughtChains:
        """One completion per review, which ends with the review's own rating.

        Args:
            texts: Training reviews as prompts show them.
            ratings: Their ratings.
        """
