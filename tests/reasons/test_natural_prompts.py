"""Prompts in natural language: line by line, without what is not known, and safe against what items are called."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.data.catalog import read_catalog
from recbole_curec.data.evidence import LEVELS, Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.natural_prompts import NaturalPrompts, recited, statement
from recbole_curec.reasons.parsing import completion, parse_reason
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.prompts import is_history, reads_as_data, without_oldest
from recbole_curec.reasons.tasks import ExampleFactory
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.gaming import POLICIES, played
from recbole_curec.rewards.reward import columns
from recbole_curec.settings.sections import CollectSettings, SelectSettings
from tests.examples import CATALOG, make_builder, toy_builder
from tests.examples import FIVE_FACTS as EVIDENCE
from tests.hostile import HOSTILE

BARE = Evidence("u", "3", 0, "Clue", (), (), ())
BUILDER = NaturalPrompts(CollectSettings())
FINDER = FailureFinder(ClaimChecker(CATALOG))
NATURAL = English.natural.heads


def lines(messages: list[Message] | None) -> list[str]:
    assert messages is not None
    assert [message["role"] for message in messages] == ["system", "user"]
    return messages[1]["content"].split("\n")


def test_a_reason_prompt_line_by_line() -> None:
    assert lines(BUILDER.reason(EVIDENCE, ("One.", "Two."), "the reason is too long")) == [
        'The user\'s recent history: "Alien", "Brazil", "Heat"',
        "An earlier reason for this user: One.",
        "An earlier reason for this user: Two.",
        "To be corrected: the reason is too long",
        'The recommended item: "Fargo" (Crime, Drama)',
        "What is known:",
        '- close match: the user chose "Heat", and fans of it nearly always choose this item',
        '- fair match: the user chose "Alien", and fans of it often choose this item',
        "- weak taste: the user sometimes chooses Crime",
        '- weak pair: this item sometimes goes with "Clue"',
        "- reach: this item is lesser known",
        'Why would the user like "Fargo"?',
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert lines(BUILDER.reason(BARE)) == ['The recommended item: "Clue"', 'Why would the user like "Clue"?']
    assert lines(BUILDER.judge(BARE)) == ['The recommended item: "Clue"', 'Would the user like "Clue"?']
    assert lines(BUILDER.choose((), [BARE, EVIDENCE])) == [
        '- "Clue"',
        '- "Fargo": close match with "Heat"',
        "Which of these items does the user take next?",
    ]
    assert lines(BUILDER.text("Describe", '"Heat"')) == ['"Heat"', "What are the attributes of this item?"]


def test_a_quotation_stands_among_what_is_known() -> None:
    quoted = Evidence("u", "2", 1, "Fargo", (), ("Heat",), EVIDENCE.facts[:1], (ReviewExcerpt("Heat", "so good"),))
    assert lines(BUILDER.reason(quoted))[2:4] == [
        "What is known:",
        '- the user wrote \u201cso good\u201d about "Heat"',
    ]
    assert NaturalPrompts.thought(English, "Fargo", [], quoted.excerpts[0]) == ' review of "Heat"'


def test_only_as_many_facts_as_there_are_slots() -> None:
    few = NaturalPrompts(CollectSettings(evidence_items=1, evidence_attributes=0))
    assert [line.split(":")[0] for line in lines(few.reason(EVIDENCE))[3:-1]] == [
        "- close match",
        "- weak pair",
        "- reach",
    ]


def test_the_oldest_history_is_dropped_first_then_the_oldest_earlier_reason_and_nothing_else() -> None:
    whole = lines(BUILDER.reason(EVIDENCE, ("One.", "Two."), "too long"))
    messages, seen = BUILDER.reason(EVIDENCE, ("One.", "Two."), "too long"), []
    while messages:
        seen.append(lines(messages))
        messages = without_oldest(messages)
    history = [NATURAL.history + names for names in ('"Alien", "Brazil", "Heat"', '"Brazil", "Heat"', '"Heat"')]
    assert seen == [[head, *whole[1:]] for head in history] + [whole[1:], whole[2:], whole[3:]]
    assert without_oldest(BUILDER.reason(BARE)) is None
    assert lines(without_oldest(BUILDER.judge(EVIDENCE)))[0] == 'The user\'s recent history: "Brazil", "Heat"'


def test_the_thinking_names_strength_kind_and_name_of_each_fact() -> None:
    thinking = NaturalPrompts.thought(
        English, "Fargo", [EVIDENCE.facts[:2], EVIDENCE.facts[2:3], EVIDENCE.facts[3:4], EVIDENCE.facts[4:]]
    )
    assert thinking == ' close match "Heat"; fair match "Alien"; weak taste Crime; weak pair "Clue"; reach lesser known'
    assert BUILDER.thinking("Fargo", ()) == " nothing"


def test_every_fact_of_a_natural_prompt_has_a_clause_of_its_own() -> None:
    builder = toy_builder()
    checker = ClaimChecker(builder.catalog)
    teacher = EvidenceTeacher(checker, 0, NaturalPrompts)
    several = 0
    for row in range(0, builder.history.n_interactions, 7):
        evidence = builder.build(*builder.history.interaction(row))
        reason = teacher.write(evidence)
        facts = reason.think.split("; ")
        several += sum("match" in fact for fact in facts) == 2
        assert 1 <= len(facts) <= 3
        clauses = [clause for clause, _ in checker.judged_clauses(parse_reason(reason.completion), evidence)]
        named = [clause for clause in clauses if any(fact.name in clause for fact in evidence.facts)]
        assert len(named) == len(facts)
        assert all(clause.count('"') in (0, 2) for clause in clauses)
        for name in parse_reason(reason.completion).names:
            assert name == evidence.target or f'"{name}"' in reason.think
    assert several > 0


def test_the_example_in_the_system_message_is_a_sound_answer_in_the_format_of_a_prompt() -> None:
    system = English.natural.system["Reason"]
    *_, first, second, answer = system.split("\n")
    facts = (Fact("similar", "Blue Lamp", 2, 0.3), Fact("attribute", "Travel", 3, 2.5))
    example = Evidence("u", "1", 1, "Night Train", ("Travel",), ("Blue Lamp",), facts)
    assert [first, second] == lines(BUILDER.reason(example))[3:5]
    assert answer.startswith(completion(BUILDER.thinking("Night Train", facts), "You may like"))
    assert FINDER.fault(parse_reason(answer), example) is None


@pytest.mark.parametrize("level", LEVELS)
def test_reciting_the_prompt_is_a_fault(level: str) -> None:
    strength = {"weak": 0.1, "fair": 0.3, "strong": 0.5}[level]
    evidence = Evidence("u", "2", 1, "Fargo", (), ("Heat",), (Fact("similar", "Heat", 5, strength),))
    for said in (statement(evidence.facts[0], English), *lines(BUILDER.reason(evidence))[:4]):
        if said != "What is known:":
            fault = FINDER.fault(parse_reason(f'<think>x</think> "Fargo" suits you, as {said}.'), evidence)
            assert fault is not None
            assert fault.words == "the reason recites the prompt"
    thinking = BUILDER.thinking("Fargo", evidence.facts)
    fault = FINDER.fault(parse_reason(f'<think>x</think> "Fargo" is good for you, a{thinking}.'), evidence)
    assert fault is not None
    assert fault.words == "the reason recites the prompt"


def test_the_teacher_never_recites_a_natural_prompt() -> None:
    builder = toy_builder()
    teacher = EvidenceTeacher(ClaimChecker(builder.catalog), 0, NaturalPrompts)
    for row in range(0, builder.history.n_interactions, 5):
        evidence = builder.build(*builder.history.interaction(row))
        text = teacher.write(evidence).text
        assert not [line for line in recited(evidence, English) if line in text]


def test_policies_that_copy_find_the_history() -> None:
    row = {"prompt": BUILDER.reason(EVIDENCE), **columns(EVIDENCE, 1, 2, 3)}
    written = {name: parse_reason(played(POLICIES[name], row)).text for name in ("copied_history", "copied_facts")}
    history = 'The user\'s recent history: "Alien", "Brazil", "Heat"'
    assert is_history(history)
    assert written["copied_history"] == f'"Fargo" suits you, for you took these - {history}.'
    assert written["copied_facts"].startswith(
        'The recommended item: "Fargo" (Crime, Drama) What is known: - close match'
    )


def test_no_item_adds_a_line_or_begins_one(tmp_path) -> None:  # type: ignore[no-untyped-def]
    own = [f"{head.strip()} x" for head in (NATURAL.history, NATURAL.earlier, NATURAL.failure, NATURAL.target)]
    texts = [*HOSTILE, *own, "What is known:", "- close match: the user chose Heat"]
    rows = [text for text in texts if not set(text) & set("\n\t\r\0") and len(text) < 1000]
    path = tmp_path / "d.item"
    table = ["item_id:token\ttitle:token_seq\tkind:token", *(f"i{k:02}\t{t}\t{t}" for k, t in enumerate(rows))]
    path.write_text("\n".join(table) + "\n", encoding="utf-8", newline="\n")
    catalog, rng = read_catalog(path, "item_id", np.array([]), CollectSettings()), np.random.default_rng(0)
    sequences = {f"u{k}": [catalog.tokens[i] for i in 1 + rng.permutation(len(rows))[:6]] for k in range(30)}
    builder = make_builder(catalog, sequences)
    teacher = EvidenceTeacher(ClaimChecker(catalog), 0, NaturalPrompts)
    mix = PromptMix(np.arange(0, builder.history.n_interactions, 2), builder, teacher, SelectSettings())
    made = ExampleFactory(builder, teacher, mix, NaturalPrompts(builder.settings), rng)
    for example in made.draw({"reason": 0.5, "understand": 0.5}, 200, progress=False):
        content = lines(example.prompt)
        if example.evidence is None:
            assert not any(reads_as_data(line) for line in content)
        else:
            shown = len(example.evidence.facts)
            assert sum(line.startswith("- ") for line in content) == shown
            assert sum(line.startswith(NATURAL.target) for line in content) == 1
            assert sum(map(is_history, content)) == bool(example.evidence.history)
