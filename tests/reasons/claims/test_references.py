"""What words of reference stand for, and what a sentence says by the way: true of its fact, false without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.reasons.claims.checker import ClaimChecker
from tests.examples import make_catalog
from tests.reasons.claims.judged import fault_kinds, faults_of, without_fact

CATALOG = make_catalog(
    {
        "1": ("Fender Strat Strap", ["Straps", "products by Fender", "year 2016"]),
        "2": ("Snark Tuner", ["Tuners"]),
        "3": ("Kyser Capo", ["Capos"]),
        "4": ("Hohner Kazoo", ["Kazoos"]),
    }
)
EVIDENCE = Evidence(
    user="u", item="1", position=3, target="Fender Strat Strap",
    attributes=("Straps", "products by Fender", "year 2016"),
    history=("Hohner Kazoo", "Snark Tuner"),
    facts=(
        Fact("similar", "Snark Tuner", 5, 0.3),
        Fact("attribute", "Straps", 3, 2.5),
        Fact("together", "Kyser Capo", 4, 0.5),
        Fact("popularity", "lesser known", 0, 0.1),
    ),
    excerpts=(ReviewExcerpt("Snark Tuner", "keeps me in tune"),),
    statements=(Statement("holds my guitar well"),),
)  # fmt: skip
CHECKER = ClaimChecker(CATALOG)
TASTES = (
    "Straps are your preferred category.",
    "Straps are what you come back to most.",
    "Straps dominate your history.",
    "You do buy straps very often.",
    "It is one of the straps, a category you keep choosing.",
    "It is one of the straps, like so many products you choose.",
)


@pytest.mark.parametrize(
    "text",
    [
        'You bought "Snark Tuner" and "Hohner Kazoo"; fans of the former often choose it.',
        'Many who bought "Snark Tuner" bought "Fender Strat Strap", and you have bought the former.',
        'The "Snark Tuner" you bought often goes with it.',
        'It goes well with the "Snark Tuner" that you have.',
        'It is often bought by people who, like you, bought "Snark Tuner".',
        'Customers who bought "Snark Tuner", as you did, often buy "Fender Strat Strap".',
        'Like others who bought "Snark Tuner", you may like it.',
        'It goes with "Snark Tuner", a product you bought.',
        'It goes with your "Snark Tuner".',
        'Having bought "Snark Tuner", you may like it.',
        'Many viewers of "Snark Tuner" have bought it, and you are one of them.',
        'You own the "Snark Tuner". It is often bought by those who have it.',
        'You own "Snark Tuner", and many people with it also have "Fender Strat Strap".',
        'Among people who bought "Snark Tuner", many bought "Fender Strat Strap" too.',
        'Many owners of "Snark Tuner" buy it.',
        'Two products you bought are "Snark Tuner" and "Hohner Kazoo".',
        'Someone who bought "Snark Tuner" often buys it.',
        "Straps are your kind of thing.",
        *TASTES,
        "This strap is from 2016.",
        "This strap is by Fender.",
        "It is not all that well known.",
        "It isn't among the best known products.",
        'The "Kyser Capo" and "Fender Strat Strap" are often bought together.',
        'It is nearly always taken along with "Kyser Capo".',
        'You wrote "keeps me in tune" about "Snark Tuner".',
        'Another buyer wrote: "holds my guitar well".',
        'Of "Snark Tuner" you wrote “keeps me in tune”.',
        "It should be right up your street.",
    ],
)
def test_true(text: str) -> None:
    assert not fault_kinds(CHECKER, text, EVIDENCE), faults_of(CHECKER, text, EVIDENCE)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('Many who bought "Snark Tuner" bought "Fender Strat Strap", and you have bought the latter.', "history"),
        ('You bought "Hohner Kazoo" and "Snark Tuner"; fans of the former often choose it.', "company"),
        ('The "Hohner Kazoo" you bought often goes with it.', "company"),
        ('The "Snark Tuner" you bought nearly always goes with it.', "strength"),
        ('It goes well with the "Hohner Kazoo" that you have.', "company"),
        ('It pairs well with the "Kyser Capo" you bought.', "history"),
        ('It is nearly always bought by people who, like you, bought "Snark Tuner".', "strength"),
        ('It is often bought by people who, like you, bought "Kyser Capo".', "history"),
        ('Customers who bought "Kyser Capo", as you did, often buy "Fender Strat Strap".', "history"),
        ('Like others who bought "Kyser Capo", you may like it.', "history"),
        ('It goes with "Kyser Capo", a product you bought.', "history"),
        ('It goes with your "Kyser Capo".', "history"),
        ('Having bought "Kyser Capo", you may like it.', "history"),
        ('Many buyers of "Kyser Capo" have bought it, and you are one of them.', "history"),
        ('You own the "Hohner Kazoo". It is often bought by those who have it.', "company"),
        ('You own "Hohner Kazoo", and many people with it also have "Fender Strat Strap".', "company"),
        ('Among people who bought "Snark Tuner", nearly all bought "Fender Strat Strap" too.', "strength"),
        ('It is often taken along with "Hohner Kazoo".', "company"),
        ('A must-have for every fan of "Hohner Kazoo".', "company"),
        ('Someone who bought "Hohner Kazoo" often buys it.', "company"),
        ('It suits "Kyser Capo", which is in your history.', "history"),
        ('Another buyer wrote: "holds my violin well".', "title"),
        ('You wrote: "holds my guitar well".', "quote"),
        ('Of "Hohner Kazoo" you wrote “keeps me in tune”.', "quote"),
        ("My favourite, and one of the straps.", "opinion"),
        ("It is very well known.", "popularity"),
        ("It is of 2016, and you bought it last weekend.", "time"),
    ],
)
def test_false(text: str, kind: str) -> None:
    assert kind in fault_kinds(CHECKER, text, EVIDENCE), faults_of(CHECKER, text, EVIDENCE)


@pytest.mark.parametrize("text", TASTES)
def test_a_label_is_no_taste(text: str) -> None:
    assert "preference" in fault_kinds(CHECKER, text, without_fact(EVIDENCE, "Straps"))


def test_what_is_denied_is_no_more_than_lesser_known() -> None:
    known = replace(EVIDENCE, facts=(Fact("popularity", "popular", 0, 0.8),))
    for text in ("It is not all that well known.", "It isn't very popular.", "It isn't widely known."):
        assert "popularity" in fault_kinds(CHECKER, text, known)
