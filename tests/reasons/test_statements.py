"""Statements of other users: shown in the prompt, quoted by the teacher, and checked for words and writer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.extensions import LANGUAGES
from recbole_curec.reasons.claim_judge import evidence_lines
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.natural_prompts import NaturalPrompts
from recbole_curec.reasons.parsing import parse_reason, quoted
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings
from tests.examples import CATALOG, EVIDENCE

SAID = "The tension of the last act like Toy Story, nearly always Animation"
OTHER, OWN = "A masterpiece of no interest to anybody at all", "You can feel the snow in every shot"
TOLD = replace(EVIDENCE, statements=(Statement(SAID),))
BOTH = replace(TOLD, excerpts=(ReviewExcerpt("Heat", OWN),))
WEAK = replace(TOLD, facts=EVIDENCE.facts[2:])
CHECKER = ClaimChecker(CATALOG)


def faults(text: str, evidence: Evidence = TOLD) -> list[tuple[str, str]]:
    found = CHECKER.faults(parse_reason(f"<think>x</think> {text}"), evidence)
    return [(fault.kind, fault.words) for fault in found]


@pytest.mark.parametrize(
    "clause",
    [
        f"another reviewer wrote {quoted(SAID)} about it",
        f'one viewer wrote {quoted(SAID)} about "Fargo"',
        f"someone else said {quoted(SAID)}",
        f"a buyer says {quoted(SAID)}",
    ],
)
def test_what_another_wrote_may_be_quoted_as_such(clause: str) -> None:
    assert faults(f'You may like "Fargo" because fans of "Heat" often choose it, and {clause}.') == []


@pytest.mark.parametrize(
    "clause",
    [
        f"you wrote {quoted(SAID)} about it",
        f"your review says {quoted(SAID)}",
        f"the user wrote {quoted(SAID)} about it",
        f"it is {quoted(SAID)}",  # by nobody
        f"reviewers wrote {quoted(SAID)} about it",  # by several
        f"most viewers wrote {quoted(SAID)} about it",
        f"every reviewer wrote {quoted(SAID)} about it",
        f"another reviewer often wrote {quoted(SAID)} about it",
        f'another reviewer wrote {quoted(SAID)} about "Heat"',  # about another item
        f"another reviewer wrote {quoted(f'{SAID}!')} about it",  # other words
        f"another reviewer wrote {quoted(SAID.replace('never', 'always').replace('last', 'first'))} about it",
        f"another reviewer wrote {quoted(OTHER)} about it",  # of another item, or of nobody
    ],
)
def test_any_other_quotation_is_a_fault(clause: str) -> None:
    found = faults(f'You may like "Fargo" because fans of "Heat" often choose it, and {clause}.')
    assert "quote" in {kind for kind, _ in found}


@pytest.mark.parametrize(
    ("clause", "kind"),
    [
        ("another reviewer wrote that it is fine", "opinion"),
        ("reviewers praise it", "opinion"),
        (f"another reviewer never wrote {quoted(SAID)} about it", "negation"),
        ("another viewer found it moving", "content"),
    ],
)
def test_what_others_think_is_known_by_quotation_alone(clause: str, kind: str) -> None:
    assert kind in {found for found, _ in faults(f'You may like "Fargo": {clause}.')}


def test_quotations_of_the_user_and_of_another_are_not_mixed_up() -> None:
    own, other = f'you wrote {quoted(OWN)} about "Heat"', f"another reviewer wrote {quoted(SAID)} about it"
    assert faults(f'"Fargo" suits you: {own}, and {other}.', BOTH) == []
    swapped = f'"Fargo" suits you: you wrote {quoted(SAID)} about "Heat", and another reviewer wrote {quoted(OWN)}.'
    assert faults(swapped, BOTH) == [("quote", SAID), ("quote", OWN)]
    # A quotation of another does not cover talk of the user's own review.
    assert faults(f'"Fargo" suits you: {other}, and you wrote of "Heat".', BOTH) == [("quote", "you wrote")]


@pytest.mark.parametrize("style", [TablePrompts, NaturalPrompts])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "evidence", [TOLD, BOTH, replace(TOLD, facts=EVIDENCE.facts[2:])], ids=["told", "both", "weak"]
)
def test_the_teacher_quotes_truly_and_the_prompt_shows_it(
    style: type[PromptBuilder], language: str, evidence: Evidence
) -> None:
    words = LANGUAGES.find(language).popularity
    facts = tuple(replace(one, name=words[1]) if one.kind == "popularity" else one for one in evidence.facts)
    evidence = replace(evidence, facts=facts)
    finder = FailureFinder(checker_of(replace(CATALOG, language=language)))
    teacher = EvidenceTeacher(checker_of(replace(CATALOG, language=language)), 0, style)
    reasons = [teacher.write(replace(evidence, position=k)) for k in range(30)]
    assert teacher.rejected.total() == 0
    for reason in reasons:
        assert quoted(SAID) in reason.text and (quoted(OWN) in reason.text) == (evidence.excerpts != ())
        assert finder.fault(parse_reason(reason.completion), evidence) is None
        assert LANGUAGES.find(language).natural.stated in reason.think or style is TablePrompts
    used = {wording for wording in LANGUAGES.find(language).statements if any(
        wording.format(quotation=quoted(SAID)).lower() in reason.text.lower() for reason in reasons
    )}  # fmt: skip
    assert used == set(LANGUAGES.find(language).statements)
    builder = style(CollectSettings(language=language))
    plain = replace(evidence, statements=())
    shown, without = (builder.reason(one)[-1]["content"].splitlines() for one in (evidence, plain))
    (line,) = (line for line in shown if SAID in line)
    assert line.startswith("- ") and [one for one in shown if one != line] == without


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_wording_is_false_without_its_statement(language: str) -> None:
    checker = checker_of(replace(CATALOG, language=language))
    entry = LANGUAGES.find(language)
    for wording in entry.statements:
        frame = next(frame for frame in entry.frames[1] if entry.fits(frame, [wording]))
        reason = parse_reason(
            f"<think>x</think> {entry.sentence(frame, 'Fargo', [wording.format(quotation=quoted(SAID))])}"
        )
        assert checker.faults(reason, TOLD) == []
        assert checker.supported(reason, TOLD) == 1
        for evidence in (EVIDENCE, replace(TOLD, statements=(Statement(OTHER),)), replace(EVIDENCE, excerpts=(
            ReviewExcerpt("Fargo", SAID),
        ))):  # fmt: skip
            assert [fault.kind for fault in checker.faults(reason, evidence)] == ["quote"]


def test_a_judge_reads_it_and_storage_keeps_it() -> None:
    assert f"another reviewer wrote {quoted(SAID)} about this item" in list(evidence_lines(TOLD))
    assert Evidence.from_record(TOLD.record()) == TOLD
    assert TOLD.record()["statements"] == ({"text": SAID},)
    assert "statements" not in EVIDENCE.record()
