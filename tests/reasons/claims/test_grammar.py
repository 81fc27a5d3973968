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
    ],
)
def test_other_wordings_are_none(text: str) -> None:
    assert "grammar" not in [fault.kind for fault in faults_of(CHECKER, text, EVIDENCE)]


def test_a_revision_is_told_which_words_they_are() -> None:
    assert (
        explain_fault(Fault("grammar", "it shares lesser known pick")) == '"it shares lesser known pick" is no English'
    )
