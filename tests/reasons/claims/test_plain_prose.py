"""Prose as people and assistants write it: true of its facts, false without the one that it needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.claims.checker import ClaimChecker
from tests.examples import make_catalog
from tests.reasons.claims.judged import fault_kinds, without_fact

CATALOG = make_catalog(
    {
        "1": ("Fargo", ["release year 1996", "Crime", "Drama"]),
        "2": ("Heat", ["release year 1995", "Action", "Crime"]),
        "3": ("Kolya", ["release year 1996", "Comedy"]),
        "4": ("Ed Wood", ["release year 1994", "Comedy", "Drama"]),
        "5": ("Boom Stand", ["Stands"]),
    }
)
EVIDENCE = Evidence(
    user="u", item="1", position=3, target="Fargo", attributes=("release year 1996", "Crime", "Drama"),
    history=("Kolya", "Heat", "Boom Stand"),
    facts=(
        Fact("similar", "Heat", 9, 0.3),
        Fact("similar", "Boom Stand", 9, 0.3),
        Fact("attribute", "Crime", 7, 1.5),
        Fact("attribute", "Drama", 7, 1.1),
        Fact("together", "Ed Wood", 8, 0.3),
        Fact("popularity", "popular", 0, 0.7),
    ),
)  # fmt: skip
CHECKER = ClaimChecker(CATALOG)


def kinds(text: str, evidence: Evidence = EVIDENCE) -> set[str]:
    return fault_kinds(CHECKER, text, evidence)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        # marks that American spelling puts within quotes, and hyphens between labels
        ('Since you watched "Heat," you may enjoy "Fargo," which many of its viewers choose.', "Heat"),
        ('"Fargo" often goes with "Ed Wood."', "Ed Wood"),
        ('"Fargo" is a popular crime-drama.', "popular"),
        ('Your crime-leaning history makes "Fargo" a natural pick.', "Crime"),
        # words for the user
        ('This user often picks crime films, so "Fargo" should please.', "Crime"),
        ('This user\'s fondness for crime films makes "Fargo" a good pick.', "Crime"),
        ('"Fargo" makes sense for this user, who often picks crime films.', "Crime"),
        ('It is a good pick for a user who likes crime films: "Fargo".', "Crime"),
        ('"Fargo" is a solid choice for someone drawn to crime films.', "Crime"),
        # what was named before
        ('You saw "Kolya" and "Heat", and viewers of the second film often choose "Fargo".', "Heat"),
        ('"Fargo" blends drama with crime, the latter being what you often choose.', "Crime"),
        ('You own the "Boom Stand", and many buyers of that stand choose "Fargo".', "Boom Stand"),
        # verbs and tastes that go on from what is said of the user
        ("You gravitate toward crime films, and \"Fargo\" is one of them.", "Crime"),
        ('With a soft spot for crime films, you may enjoy "Fargo".', "Crime"),
        ('Crime is your territory, so try "Fargo".', "Crime"),
        ('You only now and then choose drama, but "Fargo" is worth a look.', "Drama"),
        ('You have a slight preference for dramas such as "Fargo".', "Drama"),
        ('"Fargo" is for viewers who often choose crime films, like you.', "Crime"),
        # years
        ('"Fargo" is a popular film of the mid 1990s.', "popular"),
        ('It is a well-known name from the nineties: "Fargo".', "popular"),
    ],
)  # fmt: skip
def test_a_sentence_is_true_of_its_fact_and_false_without_it(text: str, needed: str) -> None:
    assert kinds(text) == set()
    history = tuple(name for name in EVIDENCE.history if name != needed)
    assert kinds(text, replace(without_fact(EVIDENCE, needed), history=history)) != set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('Since you watched "Casino," you may enjoy "Fargo."', "title"),
        ('"Fargo" is a popular crime-comedy.', "attribute"),
        ('"Fargo" suits this user, who often picks comedies.', "preference"),
        ('You saw "Kolya" and "Heat", and viewers of the first film often choose "Fargo".', "company"),
        ('You clearly can\'t get enough of crime films, so try "Fargo".', "strength"),
        ('You are a huge fan of drama, so try "Fargo".', "strength"),
        ('You swear by crime films, so try "Fargo".', "strength"),
        ('"Fargo" and "Heat" are all but inseparable for viewers.', "strength"),
        ('"Fargo" is one of the most watched crime films.', "popularity"),
        ('"Fargo" is a crime film that flies under the radar.', "popularity"),
        ('A massive hit, "Fargo" is a crime film that you may like.', "popularity"),
        ('Fans of "Heat" steer clear of "Fargo".', "negation"),
        ('You recently watched "Heat", so try "Fargo".', "time"),
        ('"Fargo" is a film of the early 1990s.', "attribute"),
        ('"Fargo" is a drama known for its clear sound.', "content"),
        ('"Fargo" is easy to follow.', "content"),
        ('Crime films make up half of what you choose, so try "Fargo".', "number"),
        ('We love crime films such as "Fargo".', "opinion"),
    ],
)
def test_a_false_one_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        'We picked "Fargo" for you because you watched "Heat".',
        '"Heat" is in your history, so "Fargo" is an easy one to recommend.',
        'You have seen "Kolya", and "Fargo" would sit nicely beside your "Kolya".',
        'The crime drama "Fargo" deserves a place on your list.',
        '"Fargo" is a safe bet, all things considered.',
    ],
)
def test_what_only_recommends_is_no_claim(text: str) -> None:
    assert kinds(text) == set()
