"""Wordings of larger models: what a sentence says the target is before "that", "the two", "the same viewers"."""

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
        "1": ("Wedding Day", ["Comedy", "Romance", "release year 1998", "brand Miramar"]),
        "2": ("Late Train", ["Drama"]),
        "3": ("Cats & Dogs", ["Comedy"]),
        "4": ("Old Times", ["Drama"]),
    }
)
EVIDENCE = Evidence(
    user="u", item="1", position=3, target="Wedding Day",
    attributes=("Comedy", "Romance", "release year 1998", "brand Miramar"),
    history=("Old Times", "Late Train"),
    facts=(
        Fact("similar", "Late Train", 5, 0.3),
        Fact("attribute", "Comedy", 3, 1.6),
        Fact("attribute", "brand Miramar", 3, 1.6),
        Fact("attribute", "Romance", 3, 2.5),
        Fact("together", "Cats & Dogs", 4, 0.5),
        Fact("popularity", "popular", 0, 0.8),
    ),
    excerpts=(ReviewExcerpt("Late Train", "kept me guessing"),),
    statements=(Statement("made me laugh out loud"),),
)  # fmt: skip
CHECKER = ClaimChecker(CATALOG)
# What others take, so without the fact about "Late Train" each is false.
COMPANY = (
    '"Wedding Day" is a popular comedy film that is often watched by people who watched "Late Train".',
    '"Wedding Day" is a popular pick that viewers of "Late Train" often choose.',
    'You took "Late Train", and you might like "Wedding Day", a popular 1998 film that many of its viewers chose.',
    'Since you watched "Late Train", you may like "Wedding Day", which is frequently watched by the same viewers.',
    'Because you enjoyed "Late Train", "Wedding Day" - often picked by the same viewers - is a natural next choice.',
    'Since you watched "Late Train", "Wedding Day" fits, as the two are often chosen by the same people.',
    'Since you watched "Late Train", "Wedding Day" fits, because it attracts much of the same audience.',
    'Because you took "Late Train", "Wedding Day" is a good next film, as viewers of that film tend to choose it too.',
    'You took "Late Train", and "Wedding Day" shares some of its audience.',
    'Your history includes "Late Train", which shares many viewers with "Wedding Day".',
    'As "Late Train" is in your history, and many who watched it also watched "Wedding Day", you may want to try it.',
    'It is a fair match for "Late Train" in your history.',
    'It attracts fans of "Late Train".',
    'It attracts the same audience as "Late Train".',
    '"Wedding Day" often has the same viewers as "Late Train".',
)
TASTES = (
    '"Wedding Day" is a comedy film from 1998 that fits with your tendency to choose romance movies.',
    '"Wedding Day" combines comedy and romance, two genres you frequently enjoy.',
    "It blends comedy and romance, two genres you often choose, so it may suit you.",
    "You focus heavily on romance.",
    "Romance is something you often shop for.",
    "You love romance, which makes the 1998 comedy an easy choice.",
)


@pytest.mark.parametrize(
    "text",
    [
        *COMPANY,
        *TASTES,
        '"Wedding Day" is a comedy from a brand you often choose, Miramar.',
        "You may want to give this romance a try.",
        "It is a useful addition to your setup.",
        'One viewer described "Wedding Day" as "made me laugh out loud".',
        'You described "Late Train" as "kept me guessing".',
        'You might be curious about "Wedding Day".',
    ],
)
def test_true(text: str) -> None:
    assert not fault_kinds(CHECKER, text, EVIDENCE), faults_of(CHECKER, text, EVIDENCE)


@pytest.mark.parametrize("text", COMPANY)
def test_what_others_take_needs_its_fact(text: str) -> None:
    without = without_fact(EVIDENCE, "Late Train")
    weak = replace(without, facts=(*without.facts, Fact("similar", "Late Train", 5, 0.1)))
    assert "company" in fault_kinds(CHECKER, text, without)
    levels = ("many", "often", "frequently", "much", "tend", "fair")
    assert any(word in text for word in levels) == ("strength" in fault_kinds(CHECKER, text, weak))


@pytest.mark.parametrize("text", TASTES)
def test_a_label_is_no_taste(text: str) -> None:
    assert "preference" in fault_kinds(CHECKER, text, without_fact(EVIDENCE, "Romance"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # How popular the target is stays a claim of its own before "that".
        ('"Wedding Day" is a widely popular film that fans of "Late Train" often watch.', "popularity"),
        ('"Wedding Day" is a lesser-known film that viewers of "Late Train" often choose.', "popularity"),
        ("Its wide popularity makes it a good choice.", "popularity"),
        ('"Wedding Day" is a drama film that viewers of "Late Train" often choose.', "attribute"),
        ('"Wedding Day" is a popular film that most viewers of "Late Train" choose.', "strength"),
        ('"Wedding Day" is a comedy that you often choose with drama.', "preference"),
        ('You took "Old Times", and "Wedding Day" is often watched by the same viewers.', "company"),
        ('You love romance, and "Wedding Day" is often watched by the same viewers.', "company"),
        ('You took "Old Times" and "Late Train", and the two are often watched by the same viewers.', "company"),
        ('You took "Late Train", and the three are often watched together.', "number"),
        ('"Wedding Day" combines comedy and romance, three genres you enjoy.', "number"),
        ('"Wedding Day" is a comedy, two genres you enjoy.', "number"),
        ('"Wedding Day" is a comedy from a brand you often choose, Drama.', "preference"),
        ('"Wedding Day" is a comedy from a brand you always choose, Miramar.', "strength"),
        ('It attracts the same audience as "Old Times".', "company"),
        ('It is a fair match for "Old Times" in your history.', "company"),
        ('It is a fair match for "Cats & Dogs" in your history.', "history"),
        ("You want to try it.", "user"),
        ("You may want something easy.", "user"),
        ("It is easy and useful.", "content"),
        ("You need a film for your routine.", "user"),
        ("It attracts audiences.", "content"),
        ("You often shop for romance at the store.", "place"),
        ('One viewer described "Late Train" as "made me laugh out loud".', "quote"),
        ('You described "Wedding Day" as "kept me guessing".', "quote"),
        ('Viewers described "Wedding Day" as "made me laugh out loud".', "quote"),
        ("You are curious about romance.", "user"),
    ],
)
def test_false(text: str, kind: str) -> None:
    assert kind in fault_kinds(CHECKER, text, EVIDENCE), faults_of(CHECKER, text, EVIDENCE)
