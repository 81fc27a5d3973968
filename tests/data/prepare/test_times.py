from __future__ import annotations

import pytest

from recbole_curec.data.prepare.times import day_of, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01", 0.0),
        ("1970-01-02 00:00:01", 86_401.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01 00:00:00.5", 0.5),
        ("Thu Jan 01 00:00:00 +0000 1970", 0.0),
        ("Tue Mar 04 10:58:55 -0800 2014", 1393959535.0),
        ("Sat Dec 31 23:30:00 +0530 2011", 1325354400.0),
    ],
)
def test_dates_are_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "2014-02-30", "Tue Mrz 04 10:58:55 -0800 2014", "Tue Feb 30 10:58:55 -0800 2014", "04/03/2014"]
)
def test_what_is_no_date(text: str) -> None:
    assert seconds_of(text) is None


def test_days() -> None:
    assert day_of(86_399.0) == "1970-01-01"
    assert day_of(1e18) == "1e+18"
