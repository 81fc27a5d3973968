"""Planted faults of every kind are found, and good reasons are left alone."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from recbole_curec.evaluation.planted_faults import FOUND_AS, PLANTED_FAULTS, FaultPlanter, completion_of
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.parsing import parse_reason
from tests.correction.good_reasons import builders, teacher_records

# toy has 180 interactions with a history; its teacher's sentences are asked for all of them.
COUNTS = {"toy": 170, "ml-100k": 600}


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return {name: (builder, teacher_records(builder, COUNTS[name])) for name, builder in builders().items()}


@pytest.mark.parametrize("dataset", ["toy", "ml-100k"])
def test_no_sentence_of_the_teacher_is_taken_for_faulty(data: Any, dataset: str) -> None:
    builder, records = data[dataset]
    finder = FailureFinder(ClaimChecker(builder.catalog), 0.0)
    flagged = [
        (fault, record.text)
        for record in records
        if (fault := finder.fault(parse_reason(completion_of(record, record.text)), record.evidence))
    ]
    assert flagged == []


@pytest.mark.parametrize("fault", PLANTED_FAULTS)
@pytest.mark.parametrize("dataset", ["toy", "ml-100k"])
def test_at_least_95_percent_of_planted_faults_are_found(data: Any, dataset: str, fault: Any) -> None:
    builder, records = data[dataset]
    finder = FailureFinder(ClaimChecker(builder.catalog), 0.0)
    planter, rng = FaultPlanter(builder.catalog, records), Random(0)
    planted = [(record, text) for record in records if (text := planter.plant(fault, record, rng)) is not None]
    assert len(planted) >= 100
    assert all(text != completion_of(record, record.text) for record, text in planted)
    found = [finder.fault(parse_reason(text), record.evidence) for record, text in planted]
    hits = [failure is not None and failure.kind in FOUND_AS[fault] for failure in found]
    missed = [text for (_, text), hit in zip(planted, hits, strict=True) if not hit]
    assert sum(hits) >= 0.95 * len(hits), missed[:5]
    assert len(Counter(text for _, text in planted)) > 0.9 * len(planted)  # not one sentence over and over


def test_the_same_seed_plants_the_same(data: Any) -> None:
    builder, records = data["toy"]
    planter = FaultPlanter(builder.catalog, records)
    twice = [[planter.plant(fault, records[7], Random(3)) for fault in PLANTED_FAULTS] for _ in range(2)]
    assert twice[0] == twice[1]
