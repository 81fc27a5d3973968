from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.grounding import LEVEL_CLAIMS, GroundingChecker, names_target
from recbole_curec.reasons.parsing import parse_reason
from tests.examples import make_catalog

CATALOG = make_catalog(
    {
        "1": ("Heat", ["Crime"]),
        "2": ("Fargo", ["Crime", "Dark Comedy"]),
        "3": ("Toy Story", ["Animation", "children"]),
        "4": ("Toy Story 2", ["Animation", "release year 1999"]),
        "5": ("Blade Runner", ["Science Fiction", "Fiction"]),
        "6": ("Clue", ["Mystery"]),
    }
)
EVIDENCE = Evidence(
    user="u", item="2", position=3, target="Fargo", attributes=("Crime", "Dark Comedy"),
    history=("Toy Story 2", "Heat"),
    facts=(
        Fact("similar", "Heat", 5, 0.5),
        Fact("attribute", "Crime", 2, 2.0),
        Fact("together", "Blade Runner", 3, 0.3),
        Fact("popularity", "popular", 0, 0.7),
    ),
)  # fmt: skip
CHECKER = GroundingChecker(CATALOG)


def ungrounded(text, evidence=EVIDENCE):
    return CHECKER.ungrounded(parse_reason(f"<think>facts</think> {text}"), evidence)


@pytest.mark.parametrize(
    "text",
    [
        'You may like "Fargo" because you enjoyed "Heat" and you often choose Crime.',
        '"Fargo" is Dark Comedy; it goes with "Blade Runner" and with "Toy Story 2".',
        "Fargo suits you: after Toy Story 2 and Blade Runner comes Crime.",  # quotes forgotten
        "Get a Clue, feel the Heat: it is for children and popular.",  # one-word names and lower-case labels are prose
    ],
)
def test_what_the_evidence_holds_may_be_said(text):
    assert ungrounded(text) == []


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ('You may like "Fargo" because you enjoyed "Toy Story".', ["Toy Story"]),
        ('You may like "fargo" because you enjoyed "Heat".', ["fargo"]),  # quoted names must be exact
        ('You may like "Toy Night" because you enjoyed "Heat".', ["Toy Night"]),  # no such item at all
        ('You may like "" because you enjoyed "Heat".', [""]),
        ("You may like Fargo because you enjoyed Toy Story.", ["Toy Story"]),
        ("You may like Fargo because you enjoyed Toy Story 2, not Toy Story.", ["Toy Story"]),  # longest match first
        ("You may like Fargo because it is Science Fiction.", ["Science Fiction"]),  # not 'Fiction' inside it
        ("You may like Fargo, it is Animation and Fiction.", ["Animation", "Fiction"]),
        ("You may like Fargo, its release year 1999 matters.", ["release year 1999"]),
        ('"Clue" and "Clue" and Mystery.', ["Clue", "Mystery"]),  # each claim once, names before labels
    ],
)
def test_other_names_and_labels_are_claims_without_support(text, claims):
    assert ungrounded(text) == claims


def test_strength_may_not_be_overstated():
    weak = replace(EVIDENCE, facts=(Fact("similar", "Heat", 1, 0.1), Fact("popularity", "popular", 0, 1.0)))
    fair = replace(EVIDENCE, facts=(Fact("similar", "Heat", 1, 0.3),))
    for phrase, level in LEVEL_CLAIMS.items():
        text = f'For "Fargo" the phrase {phrase} is said here.'
        assert ungrounded(text, weak) == [phrase]
        assert ungrounded(text, fair) == ([phrase] if level == "strong" else [])
        assert ungrounded(text) == []
        assert ungrounded(f'"{phrase}" is a name here'.replace(phrase, "Heat"), weak) == []
    assert ungrounded("Take Most of it, it is a Close Match.", weak) == ["close match", "take most"]


def test_evidence_without_facts():
    bare = replace(EVIDENCE, facts=(), history=())
    assert ungrounded('You may like "Fargo", Crime.', bare) == []
    assert ungrounded('You may often like "Heat".', bare) == ["Heat", "often"]


def test_a_catalog_without_labels_or_long_names():
    checker = GroundingChecker(make_catalog({"1": ("Heat", [])}))
    reason = parse_reason('<think>a</think> You may like "Heat" and all of Toy Story.')
    assert checker.ungrounded(reason, replace(EVIDENCE, target="Heat")) == []


def test_a_reason_names_its_target():
    named = [parse_reason(f"<think>a</think> {text}") for text in ('"Fargo" it is.', "Fargo it is.", '"Heat" it is.')]
    assert [names_target(reason, EVIDENCE) for reason in named] == [True, True, False]
