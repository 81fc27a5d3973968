"""Clauses that are no English are faults; sentences of any other making are not."""

from __future__ import annotations

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.claim import Fault, explain_fault
from tests.examples import make_catalog
from tests.reasons.claims.judged import faults_of, kinds_of

CATALOG = make_catalog(
    {
        "1": ("Cube", ["Drama", "movies from 1997"]),
        "2": ("Heat", ["Crime"]),
        "3": ("Jaws", ["Horror"]),
        "4": ("Clue", ["Comedy"]),
    }
)
EVIDENCE = Evidence(
    user="u", item="1", position=3, target="Cube", attributes=("Drama", "movies from 1997"), history=("Heat", "Jaws"),
    facts=(
        Fact("similar", "Heat", 5, 0.5),
        Fact("similar", "Jaws", 5, 0.5),
        Fact("attribute", "Drama", 9, 2.5),
        Fact("together", "Clue", 4, 0.9),
        Fact("popularity", "lesser known", 0, 0.1),
    ),
)  # fmt: skip
CHECKER = ClaimChecker(CATALOG)
FRAME = '"Cube" suits you: {0}, and it often goes with "Clue".'


@pytest.mark.parametrize(
    "clause",
    [
        "it shares lesser known pick",
        "it often choose Drama",
        'it often picked together with "Heat"',
        'it is often goes with "Heat"',
        'it is a of its fans with "Heat"',
        'it shares many of its fans with "Heat" go for it too',
        'it shares many of its fans with "Heat" and lesser known pick',
        'it shares many of its fans with "Heat",, and you often choose Drama',
        "it is lesser known find",
        "it often lesser known",
        'fans of "Heat" choose it nearly always goes with "Jaws"',
        'many fans of "Heat" choose it is a lesser known find',
        'it shares some people who choose "Heat" choose it too',
        'it is some people who choose "Heat" choose it too',
        "it is",
        "it too",
        "it is a try",
        "it often goes with a try often",
        "it is a lesser known",
        "you tend to with",
        "it is often picked together with be for it too",
        'it is a fair match to "Heat", which you chose "Jaws"',
        'it is a lesser known pick, so it may be "Heat"',
        "and it is lesser known",
        "besides, besides, it is lesser known",
        "you lean choose Drama",
        "you may be choose Drama",
        'it worth a fair match to "Heat", which you chose',
        "it is worth a lesser known find",
        "it is a lesser known pick it too",
        "it is a lesser known pick it too, so it may be new to you",
        "it often goes with match be new to movies from 1997",
        'it often goes of its fans with "Heat"',
        'it shares known goes with "Heat"',
        "it shares choose Drama more choose it",
        'many of "Heat" go for it too',
        'some "Heat"',
        "you pick Drama quite often choose it",
        'it is a fair match to lesser known pick "Heat"',
        'it may like "Heat"',
        'it may like "Cube"; you',
        'you chose their fans of "Heat" often choose it',
        "it is a lesser known find, a try",
        "you often choose Drama and again",
        'you tend may like "Heat"',
        'fans of "Heat" often choose it, so it may like "Heat" because besides',
    ],
)
def test_what_no_sentence_can_say_is_a_fault(clause: str) -> None:
    assert "grammar" in [kind for kind, _ in kinds_of(CHECKER, FRAME.format(clause), EVIDENCE)]


@pytest.mark.parametrize(
    "text",
    [
        'Popular or not, "Cube" is a lesser known find.'.replace("Popular or not, ", ""),
        'Lesser known as it is, "Cube" goes with "Clue".',
        '"Cube", often picked together with "Clue", is a hidden gem.',
        'It is what fans of "Heat" and "Jaws" choose, so try "Cube".',
        'You may like "Cube": its fans share your taste for Drama.',
        'Let it surprise you: "Cube" shares some of its fans with "Heat".',
        'You chose "Heat", and it often goes with "Cube".',
        '"Cube" is one that many fans of "Heat" go for, and it is lesser known.',
        '"Cube" is a Drama, which you often choose, and it is a lesser known one.',
        'Fans of "Heat" take it, and you may, too: try "Cube".',
        '"Cube" is worth a try, so give it a try: it goes with "Clue".',
        'What makes fans of "Heat" choose it is that it goes with "Clue": try "Cube".',
        'What fans of "Heat" do is choose it, so "Cube" is worth a look.',
        'Some "Heat" fans take "Cube", and many fans of Drama pick it too.',
        'You go for Drama again and again, and you may choose it again: try "Cube".',
        'You chose "Heat", and it goes with "Cube"; you may like it.',
        'That makes it worth a watch: "Cube" is a close match to "Heat".',
        'You chose Drama to take it easy, and its fans like "Cube".',
    ],
)
def test_other_wordings_are_none(text: str) -> None:
    assert "grammar" not in [fault.kind for fault in faults_of(CHECKER, text, EVIDENCE)]


@pytest.mark.parametrize(
    "text",
    [
        '"Cube" suits you: "Cube": it is a lesser known find.',
        'You may like "Cube" because many fans of Drama, and it goes with "Clue".',
    ],
)
def test_nor_what_stands_alone_where_a_clause_is_wanted(text: str) -> None:
    assert "grammar" in [fault.kind for fault in faults_of(CHECKER, text, EVIDENCE)]


def test_a_revision_is_told_which_words_they_are() -> None:
    assert (
        explain_fault(Fault("grammar", "it shares lesser known pick")) == '"it shares lesser known pick" is no English'
    )
