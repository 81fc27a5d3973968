from __future__ import annotations

import pytest

from recbole_curec.evaluation.metrics.grounded import Grounded
from recbole_curec.evaluation.metrics.metric import Sample
from recbole_curec.reasons.claims.checker import ClaimChecker
from tests.examples import make_catalog
from tests.reasons.named import evidence_about

CATALOG = make_catalog({"1": ("Alien", ["Horror"]), "2": ("Clue", ["Comedy"]), "3": ("Heat", ["Crime"])})
EVIDENCE = evidence_about("Alien", "Horror")  # the user favours Horror weakly, and it is popular


def test_every_explanation_is_one_of_three() -> None:
    texts = (
        '"Alien" is popular and you sometimes choose Horror.',
        '"Alien" is a great pick for you.',
        '"Alien" is lesser known.',
        'You will love "Alien" because you took "Heat" and it is lesser known.',
    )
    found = Grounded(ClaimChecker(CATALOG)).measure(Sample(texts, evidence=(EVIDENCE,) * 4))
    assert [found[key].value for key in ("grounded", "generic", "faulty")] == [1 / 4, 1 / 4, 2 / 4]
    assert found["fault/popularity"].value == 2 / 4
    assert found["fault/title"].value == 1 / 4  # nobody told of "Heat"
    assert {key for key in found if key.startswith("fault/")} == {"fault/popularity", "fault/title"}
    by_pair = found["faulty"].by_pair
    assert by_pair is not None and by_pair.tolist() == [0, 0, 1, 1]


def test_without_evidence_it_cannot_be_asked() -> None:
    with pytest.raises(LookupError):
        Grounded(ClaimChecker(CATALOG)).measure(Sample(("a",)))
