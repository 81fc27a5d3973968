from __future__ import annotations

from dataclasses import replace

from recbole_curec.correction.carrying import carried_reasons
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.reasons.store import ReasonRecord
from tests.examples import EVIDENCE, GOOD


def test_a_reason_that_quotes_a_review_of_the_target_is_not_carried() -> None:
    record = ReasonRecord("u", "2", 3, EVIDENCE, GOOD, "first", {"total": 1.0}, 1.0, 0, None, None, "kept")
    quoting = replace(
        record, text="second", evidence=replace(EVIDENCE, excerpts=(ReviewExcerpt("Fargo", "my own words"),))
    )
    assert EVIDENCE.target == "Fargo"
    assert carried_reasons([record, quoting], EVIDENCE, 2) == ("first",)
    assert carried_reasons([record, quoting], replace(EVIDENCE, target="Heat"), 2) == ("first", "second")
    assert carried_reasons([record, quoting], replace(EVIDENCE, target="Heat"), 1) == ("second",)
    assert carried_reasons([record, quoting], EVIDENCE, 0) == ()
