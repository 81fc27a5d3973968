"""USR, the unique sentence ratio (Li et al., CIKM 2020, NETE): what a similarity must be read beside."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score
from recbole_curec.reasons.words import wording


class UniqueSentenceRatio(Metric):
    """Different explanations divided by explanations, 0 to 1: one sentence for everybody has 1/N.

    Explanations of one :func:`~recbole_curec.reasons.words.wording` are the same. No interval by bootstrap: a sample
    with repetitions would seem less varied than it is.
    """

    group: ClassVar[Group] = "variety"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType({"usr": "USR"})

    def measure(self, sample: Sample) -> dict[str, Score]:
        """The ratio."""
        return {"usr": Score(len({wording(text) for text in sample.texts}) / len(sample.texts))}
