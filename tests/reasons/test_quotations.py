"""Quotations from reviews: shown in the prompt, written by the teacher, and checked word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings
from tests.examples import CATALOG, EVIDENCE

# The quoted words hold a title, a label, a strong claim and a doubled word: none of them is the reason's own claim.
SAID = "un film film like Toy Story, nearly always Animation"
QUOTED = replace(EVIDENCE, excerpts=(ReviewExcerpt("Heat", SAID),))
CHECKER = ClaimChecker(CATALOG)
FINDER = FailureFinder(CHECKER, 0.0)


def claims(text: str) -> list[str]:
    return [fault.words for fault in CHECKER.faults(parse_reason(f"<think>x</think> {text}"), QUOTED)]


def test_a_quotation_of_the_evidence_may_be_said() -> None:
    text = f'You may like "Fargo" because you wrote \u201c{SAID}\u201d about "Heat" and you often choose Crime.'
    assert FINDER.fault(parse_reason(f"<think>x</think> {text}"), QUOTED) is None


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ('"Fargo" suits you: you wrote \u201cwonderful\u201d about "Heat".', "wonderful"),
        (f'"Fargo" suits you: you wrote \u201c{SAID}!\u201d about "Heat".', f"{SAID}!"),
        (f'"Heat" suits you: you wrote \u201c{SAID}\u201d about "Fargo".', SAID),  # about another item
        ('"Fargo" suits you: you wrote that "Heat" was fine.', "you wrote"),  # not quoted at all
        ('"Fargo" suits you, as your review of "Heat" says.', "your review"),
    ],
)
def test_any_other_quotation_is_a_fault(text: str, claim: str) -> None:
    assert claims(text) == [claim]


def test_a_title_in_typographic_quotes_is_no_quotation_from_a_review() -> None:
    assert claims("\u201cFargo\u201d suits you: fans of \u201cHeat\u201d often take it.") == []


def test_the_teacher_quotes_and_the_prompt_shows_what_it_quotes() -> None:
    teacher = EvidenceTeacher(CHECKER, 0)
    texts = {teacher.write(replace(QUOTED, position=k)).text for k in range(20)}
    assert all(f'ou wrote \u201c{SAID}\u201d about "Heat"' in text for text in texts)
    assert len(texts) > 3
    assert all(FINDER.fault(parse_reason(f"<think>x</think> {text}"), QUOTED) is None for text in texts)
    builder = TablePrompts(CollectSettings())
    shown, plain = (builder.reason(evidence)[-1]["content"].splitlines() for evidence in (QUOTED, EVIDENCE))
    assert f'- you wrote \u201c{SAID}\u201d about "Heat"' in shown
    assert [line for line in shown if not line.startswith("- you wrote")] == plain


def test_rejected_wordings_are_counted_by_kind() -> None:
    teacher = EvidenceTeacher(CHECKER, 0)
    clash = replace(EVIDENCE, excerpts=(ReviewExcerpt("Heat", "it is \u201d forged"),))
    teacher.write(clash)
    assert teacher.rejected["quote"] > 0
