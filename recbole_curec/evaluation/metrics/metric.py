"""The interface of explanation metrics: what they measure, and the scores they give."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ConfigurationError, DataError

Group = Literal["similarity", "variety", "truth"]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A set of explanations, one per pair of user and item, with what they are measured against.

    Attributes:
        texts: The explanations, ``N`` of them.
        references: Reference texts of every pair, at least one each; None where there are none.
        features: Features of every pair, such as "battery life"; None where they are not known.
        evidence: The facts of every pair that an explanation may claim; None where they are not known.
    """

    texts: tuple[str, ...]
    references: tuple[tuple[str, ...], ...] | None = None
    features: tuple[frozenset[str], ...] | None = None
    evidence: tuple[Evidence, ...] | None = None

    def __post_init__(self) -> None:
        """Check that there is something to measure, and one of everything per explanation."""
        if not self.texts:
            raise DataError("There is no explanation to measure: give at least one.")
        for name in ("references", "features", "evidence"):
            found: Sequence[object] | None = getattr(self, name)
            if found is not None and len(found) != len(self.texts):
                raise DataError(f"{len(self.texts)} explanations and {name} of {len(found)} pairs: give one per pair.")


@dataclass(frozen=True)
class Score:
    """A metric of a set of explanations.

    Attributes:
        value: The metric of the whole set.
        by_pair: The metric of every single explanation, shape ``(N,)``, for paired tests, NaN where it says nothing of
            one; None where only a set has one.
        parts: Numbers per explanation whose sums over a set, passed to ``total``, give the metric of that set, shape
            ``(N, S)``; None where there are none.
        total: From the sums, shape ``(S,)``, to the metric.
    """

    value: float
    by_pair: Values | None = None
    parts: Values | None = None
    total: Callable[[Values], float] | None = None

    @classmethod
    def mean(
        cls, by_pair: Sequence[float] | Values, scale: float = 1.0, counted: Sequence[bool] | None = None
    ) -> Score:
        """A metric that is the mean over the explanations, times ``scale``.

        Args:
            by_pair: The metric of every explanation.
            scale: What it is multiplied by.
            counted: Which explanations count, at least one; all by default.
        """
        values = np.asarray(by_pair, dtype=np.float64) * scale
        counts = np.ones(len(values), dtype=bool) if counted is None else np.asarray(counted, dtype=bool)
        parts = np.column_stack([np.where(counts, values, 0.0), counts])
        return cls(float(values[counts].mean()), np.where(counts, values, np.nan), parts, _mean)


def _mean(sums: Values) -> float:
    return float(sums[0] / sums[1])


class Metric(ABC):
    """One metric, or several of one computation.

    Attributes:
        group: Table it belongs to.
        titles: Name of every score in tables, by its key.
    """

    group: ClassVar[Group]
    titles: ClassVar[Mapping[str, str]]

    @abstractmethod
    def measure(self, sample: Sample) -> dict[str, Score]:
        """The scores by key."""


def check_package(module: str, metric: str, install: str) -> None:
    """Check that a metric's package is installed.

    Args:
        module: Module that it is imported by.
        metric: The metric that needs it.
        install: What to install.

    Raises:
        ConfigurationError: It is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise ConfigurationError(f"{metric} needs the package {module}: pip install '{install}'.")


def referenced(sample: Sample) -> tuple[tuple[str, ...], ...]:
    """The references of a sample that has them.

    Raises:
        LookupError: It has none: a bug in what asks for the metric.
    """
    if sample.references is None:
        raise LookupError("These explanations have no references.")
    return sample.references
