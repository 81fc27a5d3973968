"""Parsing of filter settings: intervals of numbers, lists of values, and the threshold of labels.

RecBole logs an interval that it cannot read and goes on without it, and drops a row on the way. Here every value either
has one meaning or is an error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError

_FORM = "'[3,5]' (both ends included), '(3,5)' (neither), '[3,inf)', or several separated by ';'"


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends.

    Attributes:
        left: Lower end.
        right: Upper end.
        left_included: Whether the lower end belongs to it.
        right_included: Whether the upper end belongs to it.
    """

    left: float
    right: float
    left_included: bool
    right_included: bool

    def __str__(self) -> str:
        return f"{'[' if self.left_included else '('}{self.left:g},{self.right:g}{']' if self.right_included else ')'}"

    def holds(self, numbers: NDArray[Any]) -> NDArray[np.bool_]:
        """Which numbers lie in it; a missing number does not."""
        above = numbers >= self.left if self.left_included else numbers > self.left
        below = numbers <= self.right if self.right_included else numbers < self.right
        return np.asarray(above & below)

    def holds_a_count(self) -> bool:
        """Whether a whole number from 1 upwards lies in it."""
        first = max(math.ceil(self.left), 1) if math.isfinite(self.left) else 1
        return bool(self.holds(np.array([first, first + 1])).any())


def within(numbers: NDArray[Any], intervals: Sequence[Interval]) -> NDArray[np.bool_]:
    """Which numbers lie in one of the intervals."""
    return np.asarray(np.any([interval.holds(numbers) for interval in intervals], axis=0))


def parse_intervals(setting: str, value: Any) -> tuple[Interval, ...]:
    """Read intervals such as ``[3,5]``, ``(0,inf)`` or ``[1,2];[4,5]``.

    Args:
        setting: Name of the setting, for error messages.
        value: Its value.

    Raises:
        ConfigurationError: It is not of this form, or an interval contains no number.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{setting}: {value!r} is not an interval: write it as text, {_FORM}.")
    return tuple(_interval(setting, value, part.strip()) for part in value.split(";"))


def parse_counts(setting: str, value: Any) -> tuple[Interval, ...]:
    """Read intervals of numbers of interactions; ``[5,10]`` may also be a list and ``(5,10)`` a tuple of two numbers.

    A command line turns these two texts into a list and a tuple.

    Raises:
        ConfigurationError: It is not of this form, or an interval contains no possible number of interactions.
    """
    if isinstance(value, list | tuple) and len(value) == 2:
        ends = ",".join(str(end) for end in value)
        found = parse_intervals(setting, f"[{ends}]" if isinstance(value, list) else f"({ends})")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        raise ConfigurationError(
            f"{setting}: {value} is not an interval: for at least so many write '[{value},inf)', for at most so many "
            f"'[0,{value}]'."
        )
    else:
        found = parse_intervals(setting, value)
    for interval in found:
        if not interval.holds_a_count():
            raise ConfigurationError(
                f"{setting}: {interval} contains no number of interactions from 1 upwards, so it keeps nothing: write "
                "for example '[5,inf)'."
            )
    return found


def parse_values(setting: str, value: Any) -> frozenset[str]:
    """Read the values that a column of texts may have; whole numbers stand for their digits.

    Raises:
        ConfigurationError: It is not a list of texts.
    """
    if not isinstance(value, list | tuple | set | frozenset):
        raise ConfigurationError(
            f"{setting}: {value!r} cannot be used for a column of type token: list the values to keep, for example "
            f"[{value if isinstance(value, str) and _is_word(value) else 'Drama'!r}]."
        )
    if not value:
        raise ConfigurationError(f"{setting}: the list is empty, so it keeps nothing: list the values to keep.")
    for entry in value:
        if not isinstance(entry, str | int) or isinstance(entry, bool):
            raise ConfigurationError(f"{setting}: {entry!r} is no text: write the value as the file has it, in quotes.")
    return frozenset(str(entry) for entry in value)


def parse_threshold(value: Any) -> tuple[str, float]:
    """Read ``threshold: {'rating': 4}``: the column, and the number from which on a label is 1.

    Raises:
        ConfigurationError: It is not one column with one finite number.
    """
    form = "write one column and one number, for example {'rating': 4}"
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ConfigurationError(f"threshold: {value!r} cannot be used: {form}.")
    ((field, number),) = value.items()
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise ConfigurationError(f"threshold: {number!r} for '{field}' is no finite number: {form}.")
    return str(field), number


def _interval(setting: str, value: str, text: str) -> Interval:
    ends = text[1:-1].split(",")
    if len(text) < 2 or text[0] not in "[(" or text[-1] not in "])" or len(ends) != 2:
        what = "an empty interval" if not text else "not an interval" if text == value.strip() else f"wrong at {text!r}"
        raise ConfigurationError(f"{setting}: {value!r} is {what}: write {_FORM}.")
    left, right = (_number(setting, value, end) for end in ends)
    if left > right:
        raise ConfigurationError(
            f"{setting}: {text!r} begins at {left:g}, above its end at {right:g}: put the smaller number first."
        )
    found = Interval(left, right, text[0] == "[", text[-1] == "]")
    if left == right and (math.isinf(left) or not found.holds(np.array(left))):
        raise ConfigurationError(f"{setting}: {text!r} contains no number: write {_FORM}.")
    return found


def _number(setting: str, value: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise ConfigurationError(f"{setting}: {text.strip()!r} in {value!r} is no number: write {_FORM}.")
    return number


def _is_word(text: str) -> bool:
    return not set(text) & set("[]();,")
