"""Which times are dates."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.data.days import days_of


@pytest.mark.parametrize(
    ("times", "days"),
    [
        ([1393891200.0, np.nan, 1393977599.0], ["2014-03-04", None, "2014-03-04"]),
        ([1393891200000.0], ["2014-03-04"]),  # milliseconds
        ([0.0, 1.0, 2.0], [None] * 3),  # line numbers
        ([1997.0, 2014.0], [None] * 2),  # years
        ([1393891200.0, 5.0], [None] * 2),  # one of them is none, so they are no dates
        ([np.nan], [None]),
        ([], []),
    ],
)
def test_times_are_days_where_all_of_them_are_dates(times: list[float], days: list[str | None]) -> None:
    assert days_of(np.array(times, dtype=np.float64)) == days
