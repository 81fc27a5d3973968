"""The truth checker: every claim needs one fact of its kind, name and level, and nothing else may be said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.claim import FAULT_KINDS, Fault, explain_fault
from recbole_curec.reasons.parsing import parse_reason
from tests.examples import make_catalog
from tests.reasons.claims.judged import faults_of, kinds_of

CATALOG = make_catalog(
    {
        "1": ("Alien", ["Horror", "Sci-Fi", "release year 1979"]),
        "2": ("Up", ["Animation"]),
        "3": ("It", ["Horror"]),
        "4": ("Toy Story", ["Animation", "Comedy", "children"]),
        "5": ("Terminator, The", ["Action", "Sci-Fi"]),
        "6": ("Blade Runner", ["Drama", "unknown"]),
        "7": ("Heat", ["Crime"]),
    }
)
EVIDENCE = Evidence(
    user="u", item="1", position=3, target="Alien", attributes=("Horror", "Sci-Fi", "release year 1979"),
    history=("Toy Story", "Heat"),
    facts=(
        Fact("similar", "Terminator, The", 5, 0.3),
        Fact("attribute", "Sci-Fi", 3, 2.5),
        Fact("together", "Blade Runner", 4, 0.5),
        Fact("popularity", "lesser known", 0, 0.1),
    ),
)  # fmt: skip
CHECKER = ClaimChecker(CATALOG)


@pytest.mark.parametrize(
    "text",
    [
        'You may like "Alien" because you keep choosing Sci-Fi and it is lesser known among others.',
        '"Alien" suits you: you took "Terminator, The", a fair match, and it nearly always goes with "Blade Runner".',
        'Since some fans of "Terminator, The" take it and Sci-Fi is what you take most, "Alien" should please you.',
        "Alien is a Horror and sci-fi film that you will love.",  # quotes forgotten, another case
        'You love Sci-Fi, and "Alien" is a little-known science fiction film.',
        'Because you enjoyed "Toy Story", "Alien" is a great pick.',
        'People who took "Terminator, The" often take "Alien" too, and you lean towards Sci-Fi.',
        'Your taste for Sci-Fi and your history with "Heat" speak for "Alien".',
        '"Alien", released in 1979, is similar to "Terminator, The", which you liked.',
        'You\'ve enjoyed "Heat" and "Toy Story", so you can\'t go wrong with "Alien".',
        'If you like Sci-Fi, don\'t miss "Alien", a hidden gem.',
        'As a fan of Sci-Fi, you should try "Alien", which is often taken with "Blade Runner".',
        '"Alien" is a fair match to two of your films, "Terminator, The" and "Terminator, The".'.replace(
            ' two of your films, "Terminator, The" and', ""
        ),
        'You took "Heat" and "Toy Story", both good reasons for "Alien".',
        '"Alien" is not only Horror but also Sci-Fi.',
        '"Alien" is for fans of "Terminator, The" and Sci-Fi.',
        'Some fans of "Terminator, The" take "Alien", a Horror film.',
        'You took "Heat", and it goes with "Alien".'.replace("Heat", "Terminator, The"),
        'Fans of "Terminator, The" go for this Horror film too, so "Alien" may suit you.',
    ],
)
def test_what_the_evidence_holds_may_be_said(text: str) -> None:
    assert faults_of(CHECKER, text, EVIDENCE) == []
    assert CHECKER.supported(parse_reason(f"<think>a</think> {text}"), EVIDENCE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # What the target is, is not what others take with it.
        ('You may like "Alien" because it shares many of its fans with Sci-Fi.', ["company Sci-Fi"]),
        ('You may like "Alien" because it shares its fans with "Terminator, The" and Horror.', ["company Horror"]),
        ('Some fans of "Terminator, The" and Sci-Fi take "Alien".', ["company Sci-Fi"]),
        ('Fans of Sci-Fi go for "Alien" too, so you may like it.', ["company Sci-Fi"]),
        ('You may like "Alien" because fans of Horror go for it too.', ["company Horror"]),
        ('"Alien" suits you: fans of Sci-Fi and "Terminator, The" go for it too.', ["company Sci-Fi"]),
        ('"Alien" suits you: fans of "Terminator, The" often choose Horror.', ["company Horror"]),
        ('"Alien" suits you: fans of "Terminator, The" go for Horror.', ["company Horror"]),
        # The target does not go with itself.
        ('"Alien" suits you: fans of "Terminator, The" take it, and it often goes with "Alien".', ["company Alien"]),
        ('"Alien" suits you: it is often picked together with "Alien".', ["company Alien"]),
        # What the target is, is not what the user likes.
        ('"Alien" suits you: you keep choosing Horror, and it is very popular.', ["preference Horror", "popularity "]),
        ('As a fan of horror movies, you will love "Alien".', ["preference Horror"]),
        ('Your love of Horror speaks for "Alien".', ["preference Horror"]),
        ('"Alien" is Horror, which you often choose.', ["preference Horror"]),
        # Names
        ('"Alien" suits you, as fans of "Up" nearly always take it.', ["title Up"]),
        ('You may like "alien" because you took "Heat".', ["title alien"]),  # quoted names must be exact
        ('You may like "" because you took "Heat".', ["title "]),
        ("You may like Alien because you took Toy Story 2.", ["number "]),  # no such item
        ("Try Alien, since Blade Runner and Toy Story are yours.", []),
        # What the user took
        ('You took "Blade Runner", so try "Alien".', ["history Blade Runner"]),
        ('As you enjoyed "Heat" and "Blade Runner", try "Alien".', ["history Blade Runner"]),
        ('You took "Alien" before, so take it again.', ["history Alien"]),
        ('"Alien" goes with "Blade Runner", which you liked.', ["history Blade Runner"]),
        # What others take
        ('"Alien" suits you: fans of "Heat" take it.', ["company Heat"]),
        ('"Alien" nearly always goes with Sci-Fi.', ["company Sci-Fi"]),
        ('Fans of Sci-Fi often take "Alien".', ["company Sci-Fi"]),
        # Strength
        ('You took "Terminator, The", a close match, so try "Alien".', ["strength Terminator, The"]),
        ('Fans of "Terminator, The" nearly always take "Alien".', ["strength Terminator, The"]),
        ('"Alien" is a close match to "Blade Runner" and "Terminator, The".', ["strength Terminator, The"]),
        ('You tend to go for "Heat", so try "Alien".', ["preference Heat"]),
        ('You often choose "Heat", so try "Alien".', ["preference Heat"]),  # how often an item was taken is no fact
        # Popularity
        ('"Alien" is popular and Horror.', ["popularity "]),
        ('Everyone takes "Alien".', ["popularity "]),
        ('"Heat" is lesser known, so try "Alien".', ["popularity Heat"]),
        # Attributes
        ('"Alien" is a comedy.', ["attribute Comedy"]),
        ('"Alien" is unknown.', ["attribute unknown"]),
        ('"Alien" is a film of 1979 and of 1980.', ["number "]),
        # What no fact can hold
        ('You may like "Alien" because you are a close match to "Heat".', ["user "]),
        ('"Alien" suits you: you took "Heat", and you are a loose match.', ["user "]),
        ('Try "Alien": you rated it five stars every time.', ["rating ", "number "]),
        ('Try "Alien": you hate Sci-Fi and never choose it.', ["negation ", "negation "]),
        ('"Alien" isn\'t Horror.', ["negation "]),
        ('Critics love "Alien".', ["popularity ", "opinion "]),
        ('"Alien" won an award in Cannes.', ["opinion ", "content "]),
        ('You watched "Heat" last week at home, so try "Alien".', ["time ", "place "]),
        ('You took 3 films like "Alien".', ["number "]),
        ('You are a young engineer, so try "Alien".', ["user "]),
        ('You are looking for a film like "Alien".', ["user "]),
        ('Your children like "Alien".', ["attribute children", "user "]),
        ('"Alien" tells of a crew that meets a monster.', ["content "]),
        ('"Alien" was directed by Ridley Scott.', ["content "]),
    ],
)
def test_whatever_else_is_said_is_a_fault(text: str, found: list[str]) -> None:
    assert [f"{kind} {about}" for kind, about in kinds_of(CHECKER, text, EVIDENCE)] == found


@pytest.mark.parametrize(
    "text", ['"Alien" is a wonderful choice for you.', 'You may like "Alien", a great film.', 'Give "Alien" a try!']
)
def test_praise_is_no_fault_and_no_claim(text: str) -> None:
    reason = parse_reason(f"<think>a</think> {text}")
    assert CHECKER.faults(reason, EVIDENCE) == []
    assert CHECKER.supported(reason, EVIDENCE) == 0


@pytest.mark.parametrize("level", [0.1, 0.3, 0.5])
def test_a_level_may_be_understated_never_overstated(level: float) -> None:
    evidence = replace(EVIDENCE, facts=(Fact("similar", "Heat", 3, level), Fact("popularity", "popular", 0, 0.7)))
    said = {"Some": 0.1, "Many": 0.2, "Most": 0.4}
    for word, least in said.items():
        found = kinds_of(CHECKER, f'{word} fans of "Heat" take "Alien".', evidence)
        assert found == ([] if level >= least else [("strength", "Heat")])
    assert kinds_of(CHECKER, 'Fans of "Heat" take "Alien".', evidence) == []


@pytest.mark.parametrize(
    ("word", "sayable"),
    [("very popular", {"very popular", "popular"}), ("popular", {"popular"}), ("lesser known", {"lesser known"})],
)
def test_popularity_is_said_as_it_is(word: str, sayable: set[str]) -> None:
    evidence = replace(EVIDENCE, facts=(Fact("popularity", word, 0, 0.5),))
    for said in ("very popular", "popular", "lesser known"):
        found = kinds_of(CHECKER, f'"Alien" is {said}.', evidence)
        assert found == ([] if said in sayable else [("popularity", "")])


def test_a_title_is_a_name_and_no_part_of_a_word_or_sentence() -> None:
    facts = (Fact("popularity", "popular", 0, 0.7),)
    evidence = replace(EVIDENCE, item="3", target="It", attributes=("Horror",), facts=facts)
    named = ['"It" is popular.', "It is popular.", "Its fans like it.", "IT is popular."]
    reasons = [parse_reason(f"<think>a</think> {text}") for text in named]
    assert [CHECKER.names_target(reason, evidence) for reason in reasons] == [True, False, False, False]
    shown = [parse_reason(f"<think>a</think> {text}") for text in ("Alien it is.", "Aliens are here.", '"Heat" it is.')]
    assert [CHECKER.names_target(reason, EVIDENCE) for reason in shown] == [True, False, False]


def test_a_namesake_of_the_target_may_be_in_the_history() -> None:
    evidence = replace(EVIDENCE, facts=(Fact("similar", "Alien", 5, 0.5), Fact("popularity", "popular", 0, 0.7)))
    assert faults_of(CHECKER, '"Alien" suits you: fans of "Alien" nearly always take it.', evidence) == []
    assert faults_of(CHECKER, 'You took "Alien", a close match, so try "Alien".', evidence) == []


# What decides whom a clause speaks of.
PARTS = (
    '"Alien"|"Toy Story"|Horror|Sci-Fi|,|your|you|of|for|in|fans|taste|love|and|which|it|goes|with|close|match|popular|'
    "wrote|about|than|i|often|is|they|both|to|review|favourite|\u201cx\u201d|few"
)


@given(st.lists(st.sampled_from(PARTS.split("|")), min_size=1, max_size=9))
@settings(derandomize=True, max_examples=1000, deadline=None)
@example(["of", '"Alien"', "goes", "in", "taste", "your"])
def test_no_order_of_words_breaks_the_reading(words: list[str]) -> None:
    reason = parse_reason(f"<think>a</think> {' '.join(words)}")
    faults, judged = CHECKER.faults(reason, EVIDENCE), CHECKER.judged_clauses(reason, EVIDENCE)
    assert all(true for _, true in judged) == (not faults)


def test_evidence_without_facts() -> None:
    bare = replace(EVIDENCE, facts=(), history=())
    assert faults_of(CHECKER, 'You may like "Alien", a Horror film.', bare) == []
    assert kinds_of(CHECKER, 'Fans of "Heat" often take "Alien".', bare) == [("title", "Heat")]


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_quotes_its_words_and_names_the_missing_fact(kind: str) -> None:
    said = explain_fault(Fault(kind, "these words", "Heat"))  # type: ignore[arg-type]
    assert said.startswith('"these words"')
    assert "{" not in said and "\n" not in said


def test_explanations_of_the_issue() -> None:
    text = '"Alien" suits you: you keep choosing Horror, and it is very popular.'
    assert [explain_fault(fault) for fault in faults_of(CHECKER, text, EVIDENCE)] == [
        '"you keep choosing Horror": no fact says that the user favours "Horror"',
        '"very popular": the fact about popularity says otherwise',
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ('You may like "Alien".', []),  # nothing is claimed
        (
            'You\'ve enjoyed "Heat" and "Toy Story", and it is very popular, so try "Alien".',
            [('You\'ve enjoyed "Heat" and "Toy Story"', True), ("it is very popular", False)],
        ),
        # What is said of a name that no fact holds is false in every clause.
        (
            'Fans of "Up" often take it, and they love it, so try "Alien".',
            [('Fans of "Up" often take it', False), ("they love it", False)],
        ),
        (
            'You wrote \u201cso tense\u201d about "Heat", and you keep choosing Sci-Fi.',
            [('You wrote \u201cso tense\u201d about "Heat"', False), ("you keep choosing Sci-Fi", True)],
        ),
        ('"Alien" isn\'t Horror.', [('"Alien" isn\'t Horror', False)]),
    ],
)
def test_clauses_that_claim_something_are_judged_one_by_one(text: str, clauses: list[tuple[str, bool]]) -> None:
    assert CHECKER.judged_clauses(parse_reason(f"<think>a</think> {text}"), EVIDENCE) == clauses


def test_a_true_quotation_is_a_claim() -> None:
    quoting = replace(EVIDENCE, excerpts=(ReviewExcerpt("Heat", "so tense"),))
    reason = parse_reason('<think>a</think> You wrote \u201cso tense\u201d about "Heat", so try "Alien".')
    assert CHECKER.judged_clauses(reason, quoting) == [('You wrote \u201cso tense\u201d about "Heat"', True)]


def test_a_fault_quotes_a_contraction_once() -> None:
    assert [fault.words for fault in faults_of(CHECKER, '"Alien" isn\'t Horror.', EVIDENCE)] == ["Alien isn't Horror"]


@pytest.mark.parametrize(
    "claim",
    [
        "it is often picked together with Sci-Fi",
        'fans of "Terminator, The" and Sci-Fi often choose it',
        "it nearly always goes with Horror",
    ],
)
def test_a_label_stands_nowhere_where_an_item_or_a_person_must(claim: str) -> None:
    (fault,) = faults_of(CHECKER, f'You may like "Alien" because {claim}.', EVIDENCE)
    assert fault.kind == "company"
