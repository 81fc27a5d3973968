"""FMR, FCR and DIV: which item features explanations name (Li et al., NETE, CIKM 2020; PETER, ACL 2021)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score
from recbole_curec.reasons.words import lower_words


class FeatureMatch(Metric):
    """Feature matching ratio, feature coverage ratio, and feature diversity.

    - FMR: the share of its pair's features that an explanation names, mean over the pairs that have features, 0 to 1.
      With one feature for every pair, as in the papers, it is the share of explanations that name it.
    - FCR: different features named anywhere in the set, divided by the features of all pairs, 0 to 1.
    - DIV: features that two explanations have in common, mean over all pairs of explanations; *less* is better.

    A feature is named where its words follow one another in the explanation, in any case. Where no pair has features,
    there is no metric. FCR and DIV have no interval
    by bootstrap: a sample with repetitions would seem less varied than it is.
    """

    group: ClassVar[Group] = "variety"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType({"fmr": "FMR", "fcr": "FCR", "div": "DIV (less)"})

    def measure(self, sample: Sample) -> dict[str, Score]:
        """The three metrics; none where no pair has features.

        Raises:
            LookupError: No features are known: a bug in what asks for the metric.
        """
        if sample.features is None:
            raise LookupError("The features of these pairs are not known.")
        wanted = [_phrases(features) for features in sample.features]
        known = frozenset().union(*wanted)
        if not known:
            return {}
        named = [_named(text, known) for text in sample.texts]
        matched = [len(own & found) / len(own) if own else 0.0 for own, found in zip(wanted, named, strict=True)]
        return {
            "fmr": Score.mean(matched, counted=[bool(own) for own in wanted]),
            "fcr": Score(len(frozenset().union(*named)) / len(known)),
            "div": Score(_in_common(named)),
        }


def has_feature(features: Iterable[str]) -> bool:
    """Whether one of a pair's features has a word."""
    return bool(_phrases(features))


_Phrase = tuple[str, ...]


def _phrases(features: Iterable[str]) -> frozenset[_Phrase]:
    return frozenset(filter(None, map(lower_words, features)))


def _named(text: str, known: frozenset[_Phrase]) -> frozenset[_Phrase]:
    words = lower_words(text)
    spans = {words[start : start + n] for n in {len(one) for one in known} for start in range(len(words) - n + 1)}
    return known & spans


def _in_common(named: list[frozenset[_Phrase]]) -> float:
    """Mean size of the intersection over all pairs; a feature of ``c`` explanations is common to ``c (c - 1) / 2``."""
    counts: dict[_Phrase, int] = {}
    for found in named:
        for feature in found:
            counts[feature] = counts.get(feature, 0) + 1
    pairs = len(named) * (len(named) - 1) / 2
    return sum(count * (count - 1) / 2 for count in counts.values()) / pairs if pairs else 0.0
