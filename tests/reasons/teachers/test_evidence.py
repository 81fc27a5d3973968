import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.cleaning import clean_text
from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.data.negatives import negative_item
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher, TeacherReason
from tests.examples import make_catalog, toy_builder

FACTS = {
    "similar": (Fact("similar", "Heat", 5, 0.5), Fact("similar", "Alien", 2, 0.3)),
    "attribute": (Fact("attribute", "Crime", 2, 2.5),),
    "together": (Fact("together", "Clue", 3, 0.1),),
    "popularity": (Fact("popularity", "popular", 0, 0.7),),
}
CATALOG = make_catalog({str(k): (name, ["Crime"]) for k, name in enumerate(("Heat", "Alien", "Clue", "Fargo"))})
CHECKER = ClaimChecker(CATALOG)


def evidence_of(*kinds, **changes):
    facts = tuple(fact for kind in kinds for fact in FACTS[kind])
    return replace(Evidence("u", "3", 3, "Fargo", ("Crime",), ("Alien", "Heat"), facts), **changes)


@pytest.fixture(scope="module")
def toy():
    return toy_builder()


@pytest.fixture(scope="module")
def written(toy):
    """A reason for every training interaction of the toy dataset, and for a sampled item in its place."""
    teacher, rng = EvidenceTeacher(ClaimChecker(toy.catalog), 1), np.random.default_rng(0)
    history = toy.history
    pairs = []
    for user, item, position in zip(history.users, history.items, history.positions, strict=True):
        for target in (item, negative_item(history, int(user), rng)):
            evidence = toy.build(int(user), int(target), int(position))
            pairs.append((evidence, teacher.write(evidence)))
    return pairs


def test_every_reason_passes_the_parser_and_the_grounding_check(toy, written):
    checker = ClaimChecker(toy.catalog)
    assert len(written) == 2400
    for evidence, reason in written:
        parsed = parse_reason(reason.completion)
        assert parsed.valid, (parsed.error, reason)
        assert not checker.faults(parsed, evidence), reason
        assert checker.names_target(parsed, evidence)
        assert parsed.text == reason.text
        assert parsed.think == reason.think.strip()


def test_texts_are_distinct(written):
    texts = [reason.text for _, reason in written[::2]]  # of training interactions
    assert len(set(texts)) > 0.95 * len(texts)


def test_reasons_are_personal_where_there_is_evidence(written):
    for evidence, reason in written:
        if evidence.facts_of("similar") or evidence.facts_of("attribute"):
            names = [*evidence.history, *(fact.name for fact in evidence.facts_of("attribute"))]
            assert any(name in reason.text for name in names)


def test_wording_depends_on_seed_user_item_and_position_alone(toy):
    evidence = toy.build(5, int(toy.history.of_user(5)[2]), 2)
    texts = [EvidenceTeacher(ClaimChecker(toy.catalog), 1).write(evidence) for _ in range(2)]
    assert texts[0] == texts[1]
    teacher = EvidenceTeacher(CHECKER, 1)
    whole = evidence_of(*FACTS)
    first = teacher.write(whole).text
    assert len({EvidenceTeacher(CHECKER, seed).write(whole).text for seed in range(20)}) > 5
    assert len({first, *(teacher.write(replace(whole, position=k)).text for k in range(4, 24))}) > 5
    assert list(teacher.variants(whole)) == list(teacher.variants(whole))
    assert len(set(teacher.variants(whole))) > 2


@pytest.mark.parametrize(
    "kinds",
    [("popularity",), ("similar", "popularity"), ("attribute", "popularity"), ("together", "popularity"), tuple(FACTS)],
)
def test_whatever_is_known_suffices(kinds):
    teacher = EvidenceTeacher(CHECKER, 0)
    for position in range(30):
        evidence = evidence_of(*kinds, position=position)
        reason = teacher.write(evidence)
        assert teacher.fault(reason, evidence) is None
        used = {fact.kind for fact in evidence.facts if fact.name in reason.text}
        assert used
        assert "None" not in reason.text
        assert "{" not in reason.text


def test_the_weakest_fact_of_a_clause_sets_its_strength():
    texts = [
        EvidenceTeacher(CHECKER, 0).write(evidence_of("similar", "popularity", position=k)).text for k in range(40)
    ]
    both = [text for text in texts if '"Heat" and "Alien"' in text]
    assert both
    assert not any("close match" in text or "nearly always" in text for text in both)
    assert any("close match" in text or "nearly always" in text for text in texts if '"Alien"' not in text)


WEAK = Fact("similar", "Heat", 2, 0.1)
WIDELY = Fact("popularity", "popular", 0, 0.7)
LITTLE_KNOWN = Fact("popularity", "lesser known", 0, 0.2)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ((WEAK, WIDELY), ('"Heat"', "it is popular")),
        ((WEAK, LITTLE_KNOWN), ('"Heat"',)),
        ((WIDELY,), ("popular",)),
        ((LITTLE_KNOWN,), ("lesser known",)),
    ],
)
def test_what_only_a_weak_fact_supports_is_called_a_guess(facts, told):
    texts = set()
    for position in range(30):
        evidence = evidence_of("popularity", facts=facts, position=position)
        reason = EvidenceTeacher(CHECKER, 0).write(evidence)
        texts.add(reason.text)
        assert CHECKER.faults(parse_reason(reason.completion), evidence) == []
        assert re.search("a guess|little to go on", reason.text, re.IGNORECASE)
        assert all(word.split()[-1] in reason.text for word in told)
    assert len(texts) > 5


def test_what_a_fact_supports_well_is_no_guess():
    for position in range(20):
        text = EvidenceTeacher(CHECKER, 0).write(evidence_of("similar", "popularity", position=position)).text
        assert "guess" not in text
        assert "little to go on" not in text


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_sentence_begins_with_a_capital_and_names_the_target_before_a_pronoun(language):
    catalog = replace(CATALOG, language=language, noun="movies")
    checker = checker_of(catalog)
    word = checker.language.popularity[1]
    facts = (*FACTS["similar"], *FACTS["attribute"], *FACTS["together"], Fact("popularity", word, 0, 0.7))
    teacher = EvidenceTeacher(checker, 0)
    for position in range(60):
        evidence = evidence_of("popularity", facts=facts, position=position)
        text = teacher.write(evidence).text
        assert text[0] == '"' or text[0].isupper()
        before = re.sub('"[^"]*"', "", text.partition('"Fargo"')[0]).lower().split()
        assert checker.language.pronouns.isdisjoint(before), text
    assert sum(teacher.rejected.values()) == 0


@pytest.mark.parametrize(
    "text",
    [
        'You may like "Fargo" because you took "Brazil" at some time.',
        'You may like "Heat" because you took "Alien" at some time.',
        'You may like "Fargo".',
    ],
)
def test_unsupported_targetless_and_broken_sentences_are_rejected(text):
    evidence = evidence_of(*FACTS)
    assert EvidenceTeacher(CHECKER, 0).fault(TeacherReason(" a", text), evidence) is not None


def test_a_plain_sentence_stands_in_where_every_wording_is_too_long():
    long = " ".join(f"Part{number}" for number in range(60))
    teacher = EvidenceTeacher(ClaimChecker(make_catalog({"1": ("Fargo", []), "2": (long, [])})), 0)
    facts = (Fact("similar", long, 3, 0.5), Fact("popularity", "popular", 0, 0.7))
    evidence = replace(evidence_of("popularity", attributes=()), facts=facts)
    assert all(teacher.fault(reason, evidence) for reason in teacher.variants(evidence))
    assert teacher.write(evidence).text == '"Fargo" may well be one more pick for you: it is popular.'
    assert teacher.fault(teacher.write(evidence), evidence) is None


NAME = st.text(min_size=1, max_size=40).map(clean_text).filter(bool)


@given(NAME, NAME, NAME, st.integers(0, 9))
def test_any_cleaned_name_can_be_written_about(target, similar, label, position):
    catalog = make_catalog({"1": (target, [label]), "2": (similar, [label])})
    evidence = Evidence(
        "u", "1", position, target, (label,), (similar,),
        (Fact("similar", similar, 2, 0.5), Fact("attribute", label, 1, 1.5), Fact("popularity", "popular", 0, 0.7)),
    )  # fmt: skip
    teacher = EvidenceTeacher(ClaimChecker(catalog), 0)
    assert teacher.fault(teacher.write(evidence), evidence) is None
