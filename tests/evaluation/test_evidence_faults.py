"""Changed evidence makes a true sentence false in the way it says, and harmless changes leave its facts alone."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.evaluation.evidence_changes import statements
from recbole_curec.evaluation.evidence_faults import EVIDENCE_FAULTS, HARMLESS_CHANGES, EvidencePlanter, measure
from recbole_curec.reasons.parsing import ParsedReason
from tests.examples import make_catalog

CATALOG = make_catalog({"1": ("Heat", ["Crime"]), "2": ("Fargo", ["Crime", "Drama"]), "3": ("Brazil", ["Sci-Fi"]),
                        "4": ("Alien", ["Horror"])})  # fmt: skip
EVIDENCE = Evidence(
    user="u", item="2", position=3, target="Fargo", attributes=("Crime", "Drama"), history=("Heat",),
    facts=(
        Fact("similar", "Heat", 5, 0.5),
        Fact("attribute", "Crime", 2, 1.5),
        Fact("together", "Alien", 2, 0.3),
        Fact("popularity", "popular", 0, 0.7),
    ),
)  # fmt: skip
CLOSE = 'Try "Fargo": it is a close match to "Heat", which you chose.'
TEXT = f"{CLOSE[:-1]}, you often choose Crime movies, and it is popular."
TOGETHER = 'Try "Fargo": it often goes with "Alien".'
PLANTER = EvidencePlanter(CATALOG)


def planted(fault: Any, text: str = TEXT, evidence: Evidence = EVIDENCE, seed: int = 0) -> Evidence | None:
    return PLANTER.plant(fault, text, evidence, Random(seed))


def changed(change: Any, text: str = TEXT, evidence: Evidence = EVIDENCE, seed: int = 0) -> tuple[str, Evidence]:
    found = PLANTER.change(change, text, evidence, Random(seed))
    assert found is not None
    return found


def facts_by_name(evidence: Evidence | None) -> dict[str, Fact]:
    assert evidence is not None
    return {fact.name: fact for fact in evidence.facts}


def test_the_stated_facts_are_read_off_the_clauses() -> None:
    stated = {(one.kind, one.level, tuple(fact.name for fact in one.facts)) for one in statements(TEXT, EVIDENCE)}
    assert stated == {
        ("similar", "strong", ("Heat",)),
        ("attribute", "fair", ("Crime",)),
        ("popularity", "fair", ("popular",)),
    }
    assert [one.says_taken for one in statements(TEXT, EVIDENCE)] == [True, False, False]


def test_a_clause_about_two_facts_states_both() -> None:
    both = replace(EVIDENCE, facts=(*EVIDENCE.facts, Fact("similar", "Brazil", 3, 0.3)))
    text = 'Try "Fargo": it is a fair match to "Heat" and "Brazil", which you chose.'
    assert ("Heat", "Brazil") in [tuple(fact.name for fact in one.facts) for one in statements(text, both)]


def test_a_longer_label_is_not_taken_for_the_shorter_one() -> None:
    assert statements('Try "Fargo": you often choose Crimes.', EVIDENCE) == []


@pytest.mark.parametrize("fault", EVIDENCE_FAULTS)
def test_nothing_is_planted_in_a_sentence_that_states_nothing(fault: Any) -> None:
    assert planted(fault, '"Fargo" may well be one more pick for you.') is None


@pytest.mark.parametrize("fault", EVIDENCE_FAULTS)
def test_what_is_planted_is_another_evidence_of_the_same_target(fault: Any) -> None:
    quoting = replace(EVIDENCE, excerpts=(ReviewExcerpt("Heat", "what a chase"),))
    strong = replace(quoting, facts=tuple(replace(f, strength=2.5) if f.name == "Crime" else f for f in quoting.facts))
    text = f'{TEXT[:-1]}, and you wrote \u201cwhat a chase\u201d about "Heat".'
    found = planted(fault, text, strong)
    assert found is not None
    assert found != strong
    assert found.target == "Fargo"


def test_a_removed_fact_is_in_no_part_of_the_evidence_that_supports_it() -> None:
    removed = {seed: planted("fact removed", seed=seed) for seed in range(20)}
    gone = {(EVIDENCE.allowed_labels - one.allowed_labels, len(one.facts)) for one in removed.values() if one}
    assert gone == {(frozenset({"Crime"}), 3), (frozenset(), 3)}


def test_a_label_without_its_preference_is_still_one_of_the_target() -> None:
    found = planted("preference only an attribute")
    assert found is not None
    assert found.attributes == EVIDENCE.attributes
    assert found.facts_of("attribute") == ()


@pytest.mark.parametrize(("fault", "level"), [("level lowered by one", "fair"), ("level lowered by two", "weak")])
def test_a_level_is_lowered_below_the_stated_one(fault: str, level: str) -> None:
    text = CLOSE
    assert facts_by_name(planted(fault, text))["Heat"].level == level


def test_a_weak_statement_cannot_be_weakened() -> None:
    assert planted("level lowered by one", CLOSE.replace("close", "loose")) is None
    lowered = facts_by_name(planted("level lowered by one", CLOSE.replace("close", "fair")))
    assert lowered["Heat"].level == "weak"


def test_an_item_that_only_others_took_is_not_in_the_history() -> None:
    found = planted("taken only by others")
    assert found is not None
    assert found.history == ()
    assert facts_by_name(found)["Heat"].kind == "together"
    assert planted("taken only by others", 'Try "Fargo": fans of "Heat" nearly always choose it.') is None


def test_an_item_is_removed_with_its_history() -> None:
    found = planted("fact and history removed")
    assert found is not None
    assert "Heat" not in found.allowed_names


@pytest.mark.parametrize(
    ("stated", "clause", "words"),
    [
        ("popular", "it is popular with others", {"lesser known"}),
        ("very popular", "it is a very popular choice", {"popular", "lesser known"}),
        ("lesser known", "it is a lesser known find", {"popular", "very popular"}),
    ],
)
def test_popularity_is_flipped_to_what_contradicts_the_statement(stated: str, clause: str, words: set[str]) -> None:
    evidence = replace(EVIDENCE, facts=(Fact("popularity", stated, 0, 0.5),))
    text = f'Try "Fargo": {clause}.'
    found = {planted("popularity flipped", text, evidence, seed).facts[0].name for seed in range(20)}  # type: ignore[union-attr]
    assert found == words


def test_a_renamed_item_is_not_in_the_evidence_any_more() -> None:
    found = planted("item renamed", TOGETHER)
    assert found is not None
    assert "Alien" not in found.allowed_names
    assert [fact.name for fact in found.facts_of("together")] == ["Brazil"]


def test_a_renamed_label_is_not_in_the_evidence_any_more() -> None:
    found = planted("label renamed")
    assert found is not None
    assert found.allowed_labels in ({"Drama", "Sci-Fi"}, {"Drama", "Horror"})


@pytest.mark.parametrize("change", HARMLESS_CHANGES)
def test_a_harmless_change_keeps_every_statement(change: Any) -> None:
    text = CLOSE.replace("close", "fair")
    before = replace(EVIDENCE, facts=(replace(EVIDENCE.facts[0], strength=0.3), *EVIDENCE.facts[1:]))
    after, evidence = changed(change, text, before)
    assert evidence != before
    (stated,) = statements(after, evidence)
    assert (stated.kind, stated.level) == ("similar", "fair")
    assert stated.facts[0].level in ("fair", "strong")
    assert stated.facts[0].name in evidence.history


def test_an_item_is_renamed_in_sentence_and_evidence() -> None:
    after, evidence = changed("item renamed throughout", TOGETHER)
    assert after == 'Try "Fargo": it often goes with "Brazil".'
    assert evidence.facts_of("together")[0].name == "Brazil"


def test_found_and_flagged_are_counted() -> None:
    def knows_names_only(reason: ParsedReason, evidence: Evidence) -> bool:
        return not set(reason.names) <= evidence.allowed_names

    lie = CLOSE.replace("Heat", "Jaws")
    report = measure([(TEXT, EVIDENCE), (lie, EVIDENCE)], knows_names_only, CATALOG, seed=1, show_progress=False)
    assert (report.true, report.flagged) == (2, 1)
    assert report.planted == {
        "fact removed": 1,
        "preference only an attribute": 1,
        "level lowered by one": 1,
        "level lowered by two": 1,
        "taken only by others": 1,
        "popularity flipped": 1,
        "item renamed": 1,
        "label renamed": 1,
        "fact and history removed": 1,
    }
    assert {fault for fault, count in report.found.items() if count} == {"item renamed", "fact and history removed"}
    assert report.missed["popularity flipped"] == [TEXT]
    assert set(report.wrongly_flagged.values()) == {0}
    assert report.changed["item renamed throughout"] == 1
