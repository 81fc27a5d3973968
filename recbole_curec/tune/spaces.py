"""Search spaces: for every setting that is tuned, the values that a trial may draw."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from recbole_curec.errors import ConfigurationError, shown

_DIGITS = 4


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Attributes:
        values: The values, plain data.
    """

    kind: ClassVar[str] = "choice"
    values: tuple[Any, ...]

    @property
    def labels(self) -> list[str]:
        """The values as JSON: what samplers and storages can hold of lists and mappings."""
        return [json.dumps(value) for value in self.values]

    @property
    def edges(self) -> tuple[Any, ...]:
        """The values whose type and range say that of all."""
        return self.values

    def value(self, drawn: Any) -> Any:
        """The setting's value from what a sampler drew: a label."""
        return json.loads(drawn)

    def record(self) -> list[Any]:
        """The arguments as plain data."""
        return list(self.values)


@dataclass(frozen=True)
class Uniform:
    """Any number between two bounds, all alike."""

    kind: ClassVar[str] = "uniform"
    low: float
    high: float

    @property
    def edges(self) -> tuple[Any, ...]:
        """The bounds."""
        return (self.low, self.high)

    def value(self, drawn: Any) -> Any:
        """The drawn number with four significant digits, so that tables show what was used."""
        return min(max(float(f"{drawn:.{_DIGITS}g}"), self.low), self.high)

    def record(self) -> list[Any]:
        """The arguments as plain data."""
        return [self.low, self.high]


@dataclass(frozen=True)
class LogUniform(Uniform):
    """Any number between two bounds, all orders of magnitude alike."""

    kind: ClassVar[str] = "log_uniform"


@dataclass(frozen=True)
class Stepped:
    """The multiples of a step between two bounds; whole numbers where the step is one."""

    kind: ClassVar[str] = "quniform"
    low: float
    high: float
    step: float

    @property
    def edges(self) -> tuple[Any, ...]:
        """The bounds."""
        return (self.low, self.high)

    def value(self, drawn: Any) -> Any:
        """The nearest multiple of the step within the bounds."""
        step = Decimal(str(self.step))
        nearest = min(max(round(Decimal(str(drawn)) / step) * step, Decimal(str(self.low))), Decimal(str(self.high)))
        return int(nearest) if isinstance(self.step, int) else float(nearest)

    def record(self) -> list[Any]:
        """The arguments as plain data."""
        return [self.low, self.high, self.step]


Dimension = Choice | Uniform | LogUniform | Stepped
KINDS = tuple(one.kind for one in (Choice, Uniform, LogUniform, Stepped))


@dataclass(frozen=True)
class Space:
    """What is tuned.

    Attributes:
        dimensions: The values of every setting, by its full name.
        source: Where it comes from, for tables and messages.
    """

    dimensions: Mapping[str, Dimension]
    source: str

    def record(self) -> dict[str, Any]:
        """The space as plain data, in the form of a space file."""
        return {name: {one.kind: one.record()} for name, one in self.dimensions.items()}

    def settings(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a trial from what a sampler drew for every name."""
        return {name: one.value(drawn[name]) for name, one in self.dimensions.items()}


def dimension(name: str, kind: str, arguments: Sequence[Any]) -> Dimension:
    """The values of one setting, checked.

    Args:
        name: The setting, for messages.
        kind: One of :data:`KINDS`.
        arguments: The values of a choice; else the bounds, and the step of ``quniform``.

    Raises:
        ConfigurationError: There is no such kind, or its arguments describe no values.
    """
    if kind not in KINDS:
        fix = f"use one of {', '.join(KINDS)}"
        if kind == "loguniform":  # hyperopt's bounds are logarithms
            fix = "use log_uniform, whose bounds are the values themselves"
        raise ConfigurationError(f"{name}: there is no {kind!r}: {fix}.")
    if kind == Choice.kind:
        return _choice(name, arguments)
    wanted = "[low, high, step]" if kind == Stepped.kind else "[low, high]"
    numbers = [one for one in arguments if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(arguments) != wanted.count(",") + 1 or len(numbers) < len(arguments) or not all(map(math.isfinite, numbers)):
        raise ConfigurationError(f"{name}: {kind}: {shown(list(arguments))} cannot be used: give {wanted} as numbers.")
    low, high = numbers[:2]
    if low >= high:
        raise ConfigurationError(f"{name}: {kind}: {shown(list(arguments))} is empty: the first bound must be lower.")
    if kind == Stepped.kind:
        return _stepped(name, low, high, numbers[2])
    if kind == LogUniform.kind and low <= 0:
        raise ConfigurationError(f"{name}: {kind}: {shown(list(arguments))} cannot be used: bounds must be above 0.")
    return (LogUniform if kind == LogUniform.kind else Uniform)(float(low), float(high))


def _choice(name: str, values: Sequence[Any]) -> Choice:
    if not values:
        raise ConfigurationError(f"{name}: choice: [] is empty: list the values.")
    try:
        labels = [json.dumps(value, allow_nan=False) for value in values]
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"{name}: choice: {shown(list(values))} cannot be used: list numbers, texts, true, false, ~ or lists."
        ) from None
    if len(set(labels)) < len(labels):
        raise ConfigurationError(f"{name}: choice: {shown(list(values))} lists a value twice: list each once.")
    return Choice(tuple(map(json.loads, labels)))


def _stepped(name: str, low: float, high: float, step: float) -> Stepped:
    """The multiples of a step, between bounds that are multiples themselves."""
    if step <= 0:
        raise ConfigurationError(f"{name}: quniform: a step of {step!r} cannot be used: give a step above 0.")
    first, last, width = (Decimal(str(one)) for one in (low, high, step))
    bounds = [math.ceil(first / width) * width, math.floor(last / width) * width]
    if bounds[0] >= bounds[1]:
        raise ConfigurationError(
            f"{name}: quniform: [{low}, {high}, {step}] holds fewer than two multiples of {step}: give wider bounds."
        )
    if width == int(width):
        return Stepped(int(bounds[0]), int(bounds[1]), int(width))
    return Stepped(float(bounds[0]), float(bounds[1]), float(step))
