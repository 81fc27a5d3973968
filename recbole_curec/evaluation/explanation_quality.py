"""Quality of sets of explanations of the same pairs: metrics with intervals, and paired tests between sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ConfigurationError, DataError, shown
from recbole_curec.evaluation.bootstrap import bootstrap_interval
from recbole_curec.evaluation.explanations import ExplanationSet, Pair, References
from recbole_curec.evaluation.metrics.metric import Metric, Sample, Score
from recbole_curec.evaluation.statistics import Comparison, compare, corrected
from recbole_curec.suggestions import did_you_mean

# What sets are tested on, of what was measured: one score of each kind, so that Holm's correction stays mild.
TESTED = ("bleu_4", "rouge_l", "cosine", "bertscore", "fmr", "grounded")


@dataclass(frozen=True)
class Figure:
    """One metric of one set.

    Attributes:
        value: The metric.
        low: Lower end of its 95 % interval; None where it has none.
        high: Upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class SetQuality:
    """Quality of one set.

    Attributes:
        name: Name of the set.
        oracle: Whether it has looked at the references.
        left_out: Explanations of it that are not measured, because other sets, references or evidence lack the pair.
        figures: Metrics by key.
        by_pair: Metrics of every explanation, by key, for those that have them.
    """

    name: str
    oracle: bool
    left_out: int
    figures: Mapping[str, Figure]
    by_pair: Mapping[str, Sequence[float]] = field(repr=False)


@dataclass(frozen=True)
class Quality:
    """Quality of several sets on the pairs that all of them explain.

    Attributes:
        pairs: The pairs.
        sets: Quality of every set.
        titles: Name of every metric in tables, by key, in order.
        groups: Keys by table.
        against: Set that the others are tested against.
        comparisons: Paired tests over users, after Holm's correction.
        notes: What was left out, and why.
        facts: Settings that the figures depend on.
    """

    pairs: Sequence[Pair]
    sets: Sequence[SetQuality]
    titles: Mapping[str, str]
    groups: Mapping[str, Sequence[str]]
    against: str
    comparisons: Sequence[Comparison]
    notes: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """What sets of explanations are measured with.

    Attributes:
        metrics: The metrics.
        references: References; None for metrics that need none.
        evidence: Facts of pairs that explanations may claim; None where they are not known.
        samples: Samples of the bootstrap; 0 for no intervals.
        seed: Seed of the bootstrap.
    """

    metrics: Sequence[Metric]
    references: References | None = None
    evidence: Mapping[Pair, Evidence] | None = None
    samples: int = 1000
    seed: int = 2020


def common_pairs(sets: Sequence[ExplanationSet], references: References | None) -> list[Pair]:
    """The pairs that every set explains and that have references, sorted.

    Args:
        sets: The sets.
        references: References; None if none are needed.

    Raises:
        DataError: There is none.
    """
    sources: list[tuple[str, Mapping[Pair, Any]]] = [(one.name, one.texts) for one in sets]
    if references is not None:
        sources.append(("the references", references.texts))
    found = sorted(set.intersection(*(set(pairs) for _, pairs in sources)))
    if not found:
        sizes = ", ".join(f"{name} ({len(pairs):,}, such as {_shown(pairs)})" for name, pairs in sources)
        raise DataError(
            f"No pair of user and item is in all of: {sizes}; give explanations and references of the same pairs, with "
            "the same ids."
        )
    return found


def drawn(pairs: Sequence[Pair], most: int | None, seed: int) -> list[Pair]:
    """At most so many of the pairs, drawn at random, sorted.

    Raises:
        DataError: There are no pairs.
    """
    if not pairs:
        raise DataError("No pair has facts: give the checkpoint of a run on the data that the explanations are about.")
    chosen = list(pairs) if most is None or most >= len(pairs) else Random(seed).sample(list(pairs), most)  # noqa: S311
    return sorted(chosen)


def measure_sets(
    sets: Sequence[ExplanationSet],
    pairs: Sequence[Pair],
    material: Material,
    against: str | None = None,
    common: Sequence[Pair] | None = None,
) -> Quality:
    """Measure sets of explanations on the same pairs.

    Args:
        sets: The sets; their names differ.
        pairs: Pairs that all of them explain, and that have references and evidence where these are given.
        material: Metrics, references and evidence.
        against: Set that the others are tested against; the first by default.
        common: Pairs of which ``pairs`` were drawn: those not drawn are not left out; the same by default.

    Raises:
        ConfigurationError: Two sets have the same name, or no set has the name ``against``.
    """
    names = [one.name for one in sets]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"Two sets are called '{name}': give their files different names.")
    reference = tested_against(against, names)
    work = [(one, metric) for one in sets for metric in material.metrics]
    scores: dict[str, dict[str, Score]] = {name: {} for name in names}
    for one, metric in tqdm(work, desc="measuring explanations", leave=False, disable=None):
        scores[one.name] |= metric.measure(sample_of(one, pairs, material))
    titles = {key: title for metric in material.metrics for key, title in metric.titles.items()}
    found = {key for by_key in scores.values() for key in by_key}
    groups: dict[str, list[str]] = {}
    for metric in material.metrics:
        groups.setdefault(metric.group, []).extend(key for key in metric.titles if key in found)
    users = [user for user, _ in pairs]
    known = set(pairs if common is None else common)
    measured = [_quality(one, scores[one.name], users, known, material) for one in sets]
    return Quality(
        pairs=pairs,
        sets=measured,
        titles={key: title for key, title in titles.items() if key in found},
        groups=groups,
        against=reference,
        comparisons=_tests({one.name: by_user(pairs, one) for one in measured}, reference),
    )


def tested_against(against: str | None, names: Sequence[str]) -> str:
    """Name of the set that the others are tested against: the first by default.

    Raises:
        ConfigurationError: No set has the name ``against``.
    """
    reference = names[0] if against is None else against
    if reference not in names:
        near = did_you_mean(reference, names)
        raise ConfigurationError(
            f"against={shown(reference)} is none of the sets{near}: give one of {', '.join(names)}."
        )
    return reference


def sample_of(one: ExplanationSet, pairs: Sequence[Pair], material: Material) -> Sample:
    """A set's explanations of some pairs, with what they are measured against."""
    references, evidence = material.references, material.evidence
    features = None if references is None else references.features
    return Sample(
        texts=tuple(one.texts[pair] for pair in pairs),
        references=None if references is None else tuple(references.texts[pair] for pair in pairs),
        features=None if features is None else tuple(features.get(pair, frozenset()) for pair in pairs),
        evidence=None if evidence is None else tuple(evidence[pair] for pair in pairs),
    )


def by_user(pairs: Sequence[Pair], one: SetQuality) -> pd.DataFrame:
    """Every user's part of a set's tested metrics, sorted by user; the mean over users is the mean over pairs.

    A user's part is the sum over the user's pairs, divided by the pairs per user; NaN where the metric says nothing of
    any of them.
    """
    users = [user for user, _ in pairs]
    columns = {key: one.by_pair[key] for key in TESTED if key in one.by_pair}
    table = pd.DataFrame(columns, index=range(len(users)), dtype=np.float64)
    sums = table.groupby(np.asarray(users, dtype=object), sort=True).sum(min_count=1)
    return sums * (sums.notna().sum() / table.notna().sum())


def _tests(tables: Mapping[str, pd.DataFrame], against: str) -> list[Comparison]:
    base = tables[against]
    if base.empty:  # no metric has values by pair
        return []
    return corrected(
        [
            one
            for name, table in tables.items()
            if name != against
            for key in table
            for one in compare(name, [table[[key]].dropna()], against, [base[[key]].dropna()])
        ]
    )


def _quality(
    one: ExplanationSet, scores: Mapping[str, Score], users: Sequence[str], common: Set[Pair], material: Material
) -> SetQuality:
    figures = {}
    for key, score in scores.items():
        ends = bootstrap_interval(score, users, material.samples, material.seed)
        figures[key] = Figure(score.value, *(ends or ()))
    return SetQuality(
        name=one.name,
        oracle=one.oracle,
        left_out=sum(pair not in common for pair in one.texts),
        figures=figures,
        by_pair={key: score.by_pair.tolist() for key, score in scores.items() if score.by_pair is not None},
    )


def _shown(pairs: Mapping[Pair, Any]) -> str:
    first = next(iter(pairs), None)
    return "none" if first is None else f"user {shown(first[0])} and item {shown(first[1])}"


def with_notes(quality: Quality, notes: Sequence[str], facts: Mapping[str, Any]) -> Quality:
    """The same quality with notes and facts."""
    return replace(quality, notes=tuple(notes), facts=dict(facts))
