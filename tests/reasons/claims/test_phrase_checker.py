"""German sentences are read by the language's wordings: true exactly if they are made of them and each has its fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.failures import Failure, FailureFinder
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from tests.examples import CATALOG
from tests.reasons.claims.judged import faults_of, kinds_of

GERMAN = replace(CATALOG, language="de")
CHECKER = checker_of(GERMAN)
FINDER = FailureFinder(CHECKER)
EVIDENCE = Evidence(
    user="u", item="2", position=3, target="Fargo", attributes=("Crime", "Drama", "Rock und Pop"), history=("Heat",),
    facts=(
        Fact("similar", "Heat", 5, 0.3), Fact("attribute", "Crime", 2, 2.0), Fact("attribute", "Rock und Pop", 2, 1.5),
        Fact("together", "Toy Story", 2, 0.5), Fact("popularity", "beliebt", 0, 0.7),
    ),
)  # fmt: skip
GOOD = '"Fargo" könnte dir gefallen, denn viele Fans von "Heat" greifen auch dazu, und du wählst immer wieder Crime.'


def test_the_language_of_the_catalog_chooses_the_checker() -> None:
    assert type(checker_of(CATALOG)) is ClaimChecker
    assert CHECKER.language.name == "de"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        'Vielleicht gefällt dir "Fargo": Du wählst oft Crime und Rock und Pop, und es ist bei anderen beliebt.',
        'Viele Fans von "Heat" greifen auch dazu, deshalb könnte dir "Fargo" gefallen.',
        '"Fargo" wäre vielleicht etwas für dich, denn es ist beliebt.',
        'Das ist nur eine Vermutung: "Fargo" könnte dir gefallen, denn es wird oft zusammen mit "Toy Story" gewählt.',
    ],
)
def test_true_sentences(text: str) -> None:
    assert faults_of(CHECKER, text, EVIDENCE) == []
    assert FINDER.fault(parse_reason(f"<think>x</think> {text}"), EVIDENCE) is None


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (GOOD.replace("viele Fans", "fast alle Fans"), [("strength", "Heat")]),
        (GOOD.replace('"Heat"', '"Toy Story"'), [("company", "Toy Story")]),  # others take it with Fargo; no history
        (GOOD.replace('"Heat"', '"Jaws"'), [("title", "Jaws")]),
        (GOOD.replace("Crime", "Drama"), [("preference", "Drama")]),
        (GOOD.replace("immer wieder Crime", "immer wieder Crime und Drama"), [("preference", "Crime und Drama")]),
        (GOOD.replace("wählst immer wieder", "wählst nie"), [("content", "")]),
        (GOOD.replace("du wählst immer wieder Crime", "es ist sehr beliebt"), [("popularity", "")]),
        (GOOD.replace("du wählst immer wieder Crime", "es hat viele Preise gewonnen"), [("content", "")]),
        (GOOD.replace("du wählst immer wieder Crime", "du hast \u201ctoll\u201d über \"Heat\" geschrieben"),
         [("quote", "")]),
        (GOOD.replace("viele Fans", "Viele Fans"), [("content", "")]),
        (GOOD[:-1] + "!", [("content", "")]),
        (GOOD.replace('"Fargo"', '"Heat"'), [("content", "")]),  # no other item is recommended
        (GOOD.replace('"', ""), [("content", "")]),
    ],
)  # fmt: skip
def test_false_sentences(text: str, faults: list[tuple[str, str]]) -> None:
    assert kinds_of(CHECKER, text, EVIDENCE) == faults


def test_clauses_are_judged_and_counted_one_by_one() -> None:
    text = GOOD.replace("Crime", "Drama")
    reason = parse_reason(f"<think>x</think> {text}")
    assert CHECKER.judged_clauses(reason, EVIDENCE) == [
        ('viele Fans von "Heat" greifen auch dazu', True),
        ("du wählst immer wieder Drama", False),
    ]
    assert CHECKER.supported(reason, EVIDENCE) == 1
    assert CHECKER.names_target(reason, EVIDENCE)
    free = parse_reason('<think>x</think> "Fargo" ist ein guter Film für dich und andere.')
    assert CHECKER.judged_clauses(free, EVIDENCE) == [(free.text, False)]
    assert (CHECKER.supported(free, EVIDENCE), CHECKER.is_generic(free, EVIDENCE)) == (0, False)


def test_a_quotation_is_of_the_users_own_review_of_the_item() -> None:
    quoted = replace(EVIDENCE, excerpts=(ReviewExcerpt("Heat", "what a chase"),))
    text = 'Vielleicht gefällt dir "Fargo": Du hast \u201cwhat a chase\u201d über "Heat" geschrieben.'
    assert faults_of(CHECKER, text, quoted) == []
    assert kinds_of(CHECKER, text.replace("chase", "film"), quoted) == [("quote", "")]
    assert kinds_of(CHECKER, text.replace('"Heat"', '"Toy Story"'), quoted) == [("quote", "")]
    teacher = EvidenceTeacher(CHECKER, 0)
    texts = {teacher.write(replace(quoted, position=k)).text for k in range(10)}
    assert len(texts) > 3
    assert all("you" not in text and "\u201cwhat a chase\u201d" in text for text in texts)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('You may like "Fargo" because you often choose Crime and many like it.', "language"),
        ('"Fargo" is a good match, as fans of "Heat" often choose it.', "language"),
        ('Vous aimerez "Fargo" parce que les amateurs de "Heat" le prennent souvent.', "language"),
        ('"Fargo" könnte dir gefallen, denn es ist oft beliebt und gut.', "content"),
    ],
)
def test_another_language_is_told_from_a_sentence_that_is_not_read(text: str, found: str) -> None:
    fault = FINDER.fault(parse_reason(f"<think>x</think> {text}"), EVIDENCE)
    assert fault is not None
    assert fault.kind == found
    if found == "language":
        assert fault == Failure("language", "the reason is not in German")


def test_reciting_the_prompt_is_a_fault() -> None:
    text = '"Fargo" könnte dir gefallen, denn Fans von "Heat" greifen dazu: mittel.'
    fault = FINDER.fault(parse_reason(f"<think>x</think> {text}"), EVIDENCE)
    assert fault == Failure("format", "the reason recites the prompt")


def test_one_fact_in_two_wordings_is_said_twice() -> None:
    language = CHECKER.language
    fact = EVIDENCE.facts_of("together")[0]
    first, second = (
        language.clause(wording, [fact], "") for wording in language.clauses["together", language.level_of(fact)][:2]
    )
    (heat,) = EVIDENCE.facts_of("similar")
    other = language.clause(language.clauses["similar", language.level_of(heat)][0], [heat], "")
    told = {
        (one, two): parse_reason(f"<think>x</think> {language.sentence(language.frames[2][0], 'Fargo', [one, two])}")
        for one, two in ((first, second), (first, other))
    }
    assert CHECKER.faults(told[first, second], EVIDENCE) == []
    assert [CHECKER.says_twice(reason, EVIDENCE) for reason in told.values()] == [True, False]
    assert FINDER.fault(told[first, second], EVIDENCE) == Failure("repetition", "the reason repeats itself")
    assert FINDER.fault(told[first, other], EVIDENCE) is None
