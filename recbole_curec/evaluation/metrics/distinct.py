"""Distinct-1 and Distinct-2 (Li et al., NAACL 2016): how many different words, and pairs of words, a set uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from types import MappingProxyType
from typing import ClassVar

from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score
from recbole_curec.reasons.words import lower_words


class Distinct(Metric):
    """Different n-grams of all explanations, divided by the number of n-grams, 0 to 1; falls as a set grows.

    Only a set has it, and no interval by bootstrap: a sample with repetitions would seem less varied than it is.
    """

    group: ClassVar[Group] = "variety"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType({"distinct_1": "Distinct-1", "distinct_2": "Distinct-2"})

    def measure(self, sample: Sample) -> dict[str, Score]:
        """Distinct-1 and Distinct-2."""
        words = [lower_words(text) for text in sample.texts]
        return {
            "distinct_1": Score(_share_of_different(list(chain.from_iterable(words)))),
            "distinct_2": Score(_share_of_different(list(chain.from_iterable(map(pairwise, words))))),
        }


def _share_of_different(grams: Sequence[object]) -> float:
    return len(set(grams)) / len(grams) if grams else 0.0
