"""What two verdicts on a comparison say together."""

from __future__ import annotations

import pytest

from recbole_curec.evaluation.judging.comparisons import Comparison
from recbole_curec.evaluation.judging.people import agreement_with_people
from recbole_curec.evaluation.judging.prompts import Verdict
from recbole_curec.evaluation.judging.verdicts import Outcome, Verdicts, outcome_of
from tests.evaluation.explained import compared


@pytest.mark.parametrize(
    ("straight", "turned", "outcome"),
    [
        ("1", "2", "first"),
        ("2", "1", "second"),
        ("tie", "tie", "tie"),
        ("1", "1", "flip"),
        ("2", "2", "flip"),
        ("1", "tie", "flip"),
        ("tie", "2", "flip"),
        (None, "1", "unread"),
        ("2", None, "unread"),
    ],
)
def test_outcomes(straight: Verdict | None, turned: Verdict | None, outcome: Outcome) -> None:
    assert outcome_of(straight, turned) == outcome


def test_only_consistent_verdicts_count() -> None:
    found = Verdicts.of([("1", "2"), ("1", "2"), ("2", "1"), ("1", "1"), ("tie", "tie"), (None, "1")])
    assert (found.win_rate.wins, found.win_rate.losses, found.win_rate.ties) == (2, 1, 1)
    assert (found.flips, found.unread, found.flip_rate) == (1, 1, 1 / 5)
    assert found.share_first == pytest.approx(6 / 11)  # of the eleven answers that could be read
    assert found.found == pytest.approx(2 / 6)
    nothing = Verdicts.of([])
    assert (nothing.flip_rate, nothing.share_first, nothing.found) == (None, None, None)


def test_agreement_with_people_goes_by_the_texts() -> None:
    pairs = compared(6).pairs
    comparisons = [Comparison(pair, pair.texts) for pair in pairs]
    outcomes: list[Outcome] = ["first", "first", "second", "second", "flip", "first"]
    preferred = [0, 1, 1, 1, 0, None]
    people = {
        (pair.user, pair.item): (pair.text_hashes(), choice) for pair, choice in zip(pairs, preferred, strict=True)
    }
    found = agreement_with_people(people, comparisons, outcomes)
    # Of four decided by both three agree: people 1 and 3, judge 2 and 2; chance (1 * 2 + 3 * 2) / 16 = 0.5
    assert (found.agreement.share, found.agreement.kappa) == (0.75, 0.5)
    assert (found.undecided, found.other_texts) == (2, 0)
    # The sets in the other order, as another study may have them, say the same.
    turned = {
        pair: ((texts[1], texts[0]), None if choice is None else 1 - choice) for pair, (texts, choice) in people.items()
    }
    assert agreement_with_people(turned, comparisons, outcomes) == found
    other = {pair: ((texts[0], "other"), choice) for pair, (texts, choice) in people.items()}
    assert agreement_with_people(other, comparisons, outcomes).other_texts == 6
    assert str(agreement_with_people({}, comparisons, outcomes)).startswith("no pair decided by both")
