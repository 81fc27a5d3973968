"""Win rates against values worked out by hand."""

from __future__ import annotations

import pytest

from recbole_curec.evaluation.win_rate import WinRate


def test_wilson_interval_of_eight_in_ten() -> None:
    # z = 1.959964: centre (0.8 + z2/20) / (1 + z2/10) = 0.71674; reach z/(1 + z2/10) sqrt(0.016 + z2/400) = 0.22658
    found = WinRate.of([0] * 8 + [1] * 2 + [None] * 3)
    assert (found.wins, found.losses, found.ties, found.decided, found.rate) == (8, 2, 3, 10, 0.8)
    assert found.interval == pytest.approx((0.49016, 0.94332), abs=1e-5)
    assert str(found) == "80.0% of 10 decided (95 % interval 49.0% to 94.3%), 3 ties"


def test_none_decided_has_no_rate() -> None:
    found = WinRate.of([None])
    assert (found.rate, found.interval, str(found)) == (None, None, "none decided, 1 tie")
    assert found.record() == {"wins": 0, "losses": 0, "ties": 1, "rate": None, "interval": None}
