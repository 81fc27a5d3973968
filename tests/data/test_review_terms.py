"""Terms of an item's reviews: what is characteristic, and what no single reviewer can put there."""

from __future__ import annotations

import math

import pytest

from recbole_curec.data.review_terms import FEWEST_REVIEWERS, Term, characteristic_terms
from tests.told_items import CANARY, REVIEWS


def _told(reviews: dict[str, list[str]], item: str) -> dict[str, Term]:
    return {" ".join(term.words): term for term in characteristic_terms(reviews)[item]}


def test_terms_are_those_of_many_reviewers_here_and_few_elsewhere() -> None:
    told = _told(REVIEWS, "wah")
    assert {"wah", "pedal", "wah pedal", "crybaby"} <= set(told)
    assert "good" not in told  # everybody says so
    assert (told["crybaby"].shown, told["crybaby"].is_kind, told["crybaby"].is_label) == ("Crybaby", False, True)
    assert told["wah pedal"].is_kind and told["wah pedal"].is_label


def test_the_weight_is_a_share_times_log_odds_without_one_reviewer() -> None:
    told = _told(REVIEWS, "wah")
    size, others = len(REVIEWS["wah"]), sum(map(len, REVIEWS.values())) - len(REVIEWS["wah"])
    own, elsewhere = (3 - 1 + 0.5) / (size + 1), 1 / (others + 2)  # three reviewers say Crybaby, nobody else
    expected = 2 / size * (math.log(own / (1 - own)) - math.log(elsewhere / (1 - elsewhere)))
    assert told["crybaby"].weight == pytest.approx(expected)


def test_a_word_of_one_or_two_reviewers_is_no_term_however_often_they_repeat_it() -> None:
    for planted in (1, 2):
        own = [f"{text} {f'A {CANARY} is a {CANARY}. ' * 30}" if k < planted else text
               for k, text in enumerate(REVIEWS["wah"])]  # fmt: skip
        told = characteristic_terms({**REVIEWS, "wah": own})
        assert not [term for terms in told.values() for term in terms if CANARY in f"{term.words}{term.shown}".lower()]
    three = [f"{text} A {CANARY}." if k < FEWEST_REVIEWERS else text for k, text in enumerate(REVIEWS["wah"])]
    assert CANARY in _told({**REVIEWS, "wah": three}, "wah")  # the search would find it


def test_a_spelling_of_one_review_is_not_shown() -> None:
    shouted = {**REVIEWS, "wah": [text.replace("Crybaby", "CRYBABY") if k == 0 else text
                                  for k, text in enumerate(REVIEWS["wah"])]}  # fmt: skip
    assert _told(shouted, "wah")["crybaby"].shown == "crybaby"  # written in no way by three


def test_without_any_one_review_each_term_still_has_two_reviewers() -> None:
    for item, texts in REVIEWS.items():
        for term in characteristic_terms(REVIEWS)[item]:
            for left_out in range(len(texts)):
                rest = [text.lower() for k, text in enumerate(texts) if k != left_out]
                assert sum(all(word in text for word in term.words) for text in rest) >= FEWEST_REVIEWERS - 1


def test_order_makes_no_difference() -> None:
    turned = {item: texts[::-1] for item, texts in reversed(REVIEWS.items())}
    assert characteristic_terms(turned) == characteristic_terms(REVIEWS)
    assert list(characteristic_terms(turned)) == list(turned)
