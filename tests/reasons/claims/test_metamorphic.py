"""What is true stays true under other names; one fact of another kind, level or sign makes it false.

The true sentences are the teacher's, in all its wordings and frames and over evidence of every mixture of kinds and
levels, and the labelled ones. Nothing here looks into the checker: the tests know only which sentences are true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from random import Random

import pytest

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import LEVELS, Evidence, Fact, FactKind
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.evaluation.evidence_changes import statements
from recbole_curec.evaluation.evidence_faults import (
    EVIDENCE_FAULTS,
    HARMLESS_CHANGES,
    EvidenceFault,
    EvidencePlanter,
    HarmlessChange,
)
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.parsing import QUOTED
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from tests.examples import make_catalog
from tests.reasons.claims.labelled_sentences import as_reason, catalogs, read_labelled

Case = tuple[str, Evidence]

_EVERY = 7  # shares no factor with the number of levels and kinds

ITEMS = {
    "Fargo": ("Crime", "Drama"),
    "Heat": ("Crime", "Action"),
    "Blood Simple": ("Crime", "Thriller"),
    "Toy Story": ("Animation", "Comedy"),
    "Alien": ("Horror", "Sci-Fi"),
    "Long Kiss Goodnight, The": ("Action",),
    "Psycho": ("Horror",),
    "Brazil": ("Sci-Fi",),
}
STRENGTHS = {"similar": (0.1, 0.3, 0.6), "together": (0.1, 0.3, 0.6), "attribute": (1.2, 1.6, 2.5)}
POPULARITY = {"lesser known": 0.3, "popular": 0.7, "very popular": 1.0}
# Titles that read like claims, like the sentence around them or like nothing at all; the first are of real films.
HOSTILE_NAMES = (
    "It", "You", "Not Without My Daughter", "10 Things I Hate About You", "Popular", "Never Say Never Again", "Dr. No",
    "E.T. the Extra-Terrestrial", "Alien: Resurrection", "Mr. & Mrs. Smith", "8 1/2", "What Women Want", "2012",
    "Good Night, and Good Luck.", "Who's Afraid of Virginia Woolf?", "Everyone Says I Love You", "You've Got Mail",
    "I Know What You Did Last Summer", "How I Won the War", "Some Like It Hot", "Tonight or Never", "Nobody's Fool",
    "Very Popular", "Lesser Known", "Nearly Always", "A Close Match", "You Took Psycho", "Fans of Horror", "Five Stars",
    "The Critics", "Monday at the Cinema", "You Never Choose Drama", "Drama", "And", "Because", "Try",
    "Schindler\u2019s List", "\u2018Round Midnight", "Am\u00e9lie", "\u4e03\u4eba\u306e\u4f8d",
    "\u00ab\u041f\u043e\u0442\u0451\u043c\u043a\u0438\u043d\u00bb",
    "\u0627\u0644\u0631\u0633\u0627\u0644\u0629", "M*A*S*H", "...And Justice for All", "Don't Look Now", "(500) Days",
)  # fmt: skip
HOSTILE_LABELS = (
    "Popular", "Not Rated", "10+", "Children's", "You", "Strong", "Very Often", "Films of 1995", "R & B", "Sci-Fi",
    "movies from 1995", "release year 1995", "year 2010", "Award Winner", "Never Seen", "\u30c9\u30e9\u30de",
    "Top 250", "5 Stars",
)  # fmt: skip
# Kinds of the same statement with the opposite sign.
NEGATED = (
    (r"\byou keep (?:choosing|coming back to)\b", "you never choose"),
    (r"\byou (?:often|sometimes) choose\b", "you do not choose"),
    (r"\byou lean towards\b", "you avoid"),
    (r"\byou (?:tend to )?go for\b", "you never go for"),
    (r"\byou pick\b", "you do not pick"),
    (r"\byou chose\b", "you did not choose"),
    (r"\bit (?:nearly always|often|sometimes) goes with\b", "it never goes with"),
    (r"\bit is (?:nearly always|often|sometimes) picked\b", "it is never picked"),
    (r"\b(?:nearly always|often) choose it\b", "never choose it"),
    (r"\b(?:many|most|some) people who choose\b", "nobody who chose"),
    (r"\bit shares (?:most|many|some) of\b", "it shares none of"),
    (r"\bsome fans of ((?:\"[^\"]*\"(?: and )?)+) choose it\b", r"no fans of \1 choose it"),
    (r"\bit is a (?:close|fair|loose) match\b", "it is no match"),
    (r"\bit is (very popular|popular)\b", r"it is not \1"),
    (r"\bit is a lesser known\b", "it is not a lesser known"),
)


def evidences() -> Iterator[Evidence]:
    """Every mixture of kinds and levels about one target; attributes and history that no fact is about, as well."""
    kinds: tuple[FactKind, ...] = ("similar", "attribute", "together")
    subjects = {"similar": ("Heat", "Blood Simple"), "attribute": ("Crime", "Drama"), "together": ("Alien",)}
    for counts in product((0, 1, 2), (0, 1, 2), (0, 1)):
        for levels, (word, percentile) in product(product((0, 1, 2), repeat=3), POPULARITY.items()):
            facts = [
                Fact(kind, name, 5, STRENGTHS[kind][level])
                for kind, count, level in zip(kinds, counts, levels, strict=True)
                for name in subjects[kind][:count]
            ]
            yield Evidence(
                user="u", item="i", position=sum(levels), target="Fargo", attributes=("Crime", "Drama"),
                history=("Toy Story", "Heat"), facts=(*facts, Fact("popularity", word, 0, percentile)),
            )  # fmt: skip


def teachers_sentences() -> list[Case]:
    """Wordings of the teacher, each once."""
    teacher = EvidenceTeacher(ClaimChecker(make_catalog_of(ITEMS)), seed=0)
    excerpt = ReviewExcerpt("Heat", "the chase is what I came for")
    found: dict[Case, None] = {}
    # A seventh of them has every mixture of kinds, each with several mixtures of levels.
    for number, evidence in enumerate(islice(evidences(), 0, None, _EVERY)):
        quoting = replace(evidence, excerpts=(excerpt,)) if number % 4 == 0 else evidence
        for reason in teacher.variants(quoting):
            found[reason.text, quoting] = None
    return list(found)


def make_catalog_of(items: Mapping[str, Sequence[str]]) -> Catalog:
    return make_catalog({f"{place:04}": (name, labels) for place, (name, labels) in enumerate(items.items())})


SENTENCES = teachers_sentences()
SAMPLE = Random(0).sample(SENTENCES, 600)
CATALOG = make_catalog_of(ITEMS)
LABELLED = [one for one in read_labelled() if one.label == "true"]


def faults_of(cases: Sequence[Case], catalog: Catalog) -> list[str]:
    """What a checker says about sentences that are true."""
    checker = ClaimChecker(catalog)
    return [
        f"{text} -> {found[0].kind}: {found[0].words}"
        for text, evidence in cases
        if (found := checker.faults(as_reason(text, evidence), evidence))
    ]


def missed(cases: Sequence[Case], catalog: Catalog) -> list[str]:
    """False sentences in which a checker finds nothing."""
    checker = ClaimChecker(catalog)
    return [text for text, evidence in cases if not checker.faults(as_reason(text, evidence), evidence)]


def in_other_names(text: str, evidence: Evidence, names: Mapping[str, str], labels: Mapping[str, str]) -> Case:
    """A sentence and its evidence with other names of items and labels, both at once."""
    words = "|".join(sorted(map(re.escape, evidence.allowed_labels & labels.keys()), key=len, reverse=True))
    parts = QUOTED.split(text)
    if words:
        # Every other part stands between quotation marks.
        parts[::2] = [re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda found: labels[found[0]], part) for part in parts[::2]]
    parts[1::2] = [f'"{names.get(name, name)}"' for name in parts[1::2]]
    facts = (replace(fact, name=(labels if fact.kind == "attribute" else names).get(fact.name, fact.name)) for fact in
             evidence.facts)  # fmt: skip
    return "".join(parts), replace(
        evidence,
        target=names.get(evidence.target, evidence.target),
        attributes=tuple(labels.get(label, label) for label in evidence.attributes),
        history=tuple(names.get(name, name) for name in evidence.history),
        facts=tuple(facts),
        excerpts=tuple(replace(one, name=names.get(one.name, one.name)) for one in evidence.excerpts),
    )


def renaming(catalog: Catalog, rng: Random) -> tuple[dict[str, str], dict[str, str]]:
    """Another name for every item and label of a catalog, drawn from the hostile ones first."""
    old_names, old_labels = sorted(catalog.name_set), sorted(catalog.labels)
    new_names = [*rng.sample(HOSTILE_NAMES, len(HOSTILE_NAMES)), *(f"Item {n} of Many" for n in range(len(old_names)))]
    new_labels = [*rng.sample(HOSTILE_LABELS, len(HOSTILE_LABELS)), *(f"Label {n}" for n in range(len(old_labels)))]
    rng.shuffle(old_names)
    return dict(zip(old_names, new_names, strict=False)), dict(zip(old_labels, new_labels, strict=False))


def test_every_wording_of_the_teacher_is_among_the_sentences() -> None:
    clauses = [
        English.clause(wording, [Fact(kind, English.popularity[LEVELS.index(level)], 5, 0.0)], "")
        for (kind, level), wordings in English.clauses.items()
        for wording in wordings
        if kind == "popularity"
    ]
    clauses += [
        English.clause(wording, [Fact(kind, "Crime" if kind == "attribute" else "Heat", 5, 0.0)], "")
        for (kind, _), wordings in English.clauses.items()
        for wording in wordings
        if kind != "popularity"
    ]
    texts = " ".join(text.lower() for text, _ in SENTENCES).replace('"alien"', '"heat"')
    assert [clause for clause in clauses if clause.lower() not in texts] == []


def test_the_teacher_speaks_the_truth_in_every_wording() -> None:
    assert faults_of(SENTENCES, CATALOG) == []


@pytest.mark.parametrize("seed", range(6))
def test_true_sentences_stay_true_under_other_names_of_items(seed: int) -> None:
    names, _ = renaming(CATALOG, Random(seed))
    catalog = make_catalog_of({names[name]: labels for name, labels in ITEMS.items()})
    assert faults_of([in_other_names(*case, names, {}) for case in SAMPLE], catalog) == []


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_of_a_target_or_a_supporting_item_makes_a_true_sentence_false(name: str) -> None:
    for old in ("Fargo", "Heat", "Alien"):
        catalog = make_catalog_of({name if one == old else one: labels for one, labels in ITEMS.items()})
        assert faults_of([in_other_names(*case, {old: name}, {}) for case in SAMPLE[:80]], catalog) == []


@pytest.mark.parametrize("seed", range(6))
def test_true_sentences_stay_true_under_other_names_of_labels(seed: int) -> None:
    _, labels = renaming(CATALOG, Random(seed))
    catalog = make_catalog_of({name: tuple(labels[one] for one in values) for name, values in ITEMS.items()})
    assert faults_of([in_other_names(*case, {}, labels) for case in SAMPLE], catalog) == []


@pytest.mark.parametrize("seed", range(3))
def test_labelled_true_sentences_stay_true_under_other_names(seed: int) -> None:
    rng, wrong = Random(seed), []
    for one in LABELLED:
        # Names outside quotation marks cannot be exchanged by rule.
        prose = QUOTED.sub(" ", one.text)
        if any(name in prose for name in one.evidence.allowed_names):
            continue
        own = sorted(one.evidence.allowed_names)
        names = dict(zip(own, rng.sample(HOSTILE_NAMES, len(own)), strict=True))
        case = in_other_names(one.text, one.evidence, names, {})
        items = {names.get(name, name): one.evidence.attributes for name in own} | dict(
            zip(catalogs()[one.dataset].names[1:100], catalogs()[one.dataset].attributes[1:100], strict=True)
        )
        wrong += faults_of([case], make_catalog_of(items))
    assert wrong == []


@pytest.mark.parametrize("change", HARMLESS_CHANGES)
def test_a_harmless_change_of_the_evidence_leaves_a_sentence_true(change: HarmlessChange) -> None:
    planter, rng = EvidencePlanter(CATALOG), Random(1)
    cases = [as_true for case in SAMPLE if (as_true := planter.change(change, *case, rng)) is not None]
    assert len(cases) >= 100
    assert faults_of(cases, CATALOG) == []


@pytest.mark.parametrize("fault", EVIDENCE_FAULTS)
def test_a_fact_of_another_kind_level_or_name_makes_a_sentence_false(fault: EvidenceFault) -> None:
    planter, rng = EvidencePlanter(CATALOG), Random(2)
    cases = [
        (text, changed)
        for text, evidence in SENTENCES
        if (changed := planter.plant(fault, text, evidence, rng)) is not None
    ]
    assert len(cases) >= 50
    assert missed(cases, CATALOG) == []


@pytest.mark.parametrize(("pattern", "instead"), NEGATED)
def test_the_other_sign_makes_a_sentence_false(pattern: str, instead: str) -> None:
    cases = [
        (turned, evidence)
        for text, evidence in SAMPLE
        if (turned := re.sub(pattern, instead, text, count=1, flags=re.IGNORECASE)) != text
    ]
    assert len(cases) >= 20
    assert missed(cases, CATALOG) == []


def test_a_stronger_word_than_the_level_of_the_fact_is_false() -> None:
    stronger = []
    for text, evidence in SAMPLE:
        for one in statements(text, evidence):
            place = LEVELS.index(one.level)
            if one.kind == "popularity" or place == 2 or any(fact.level != one.level for fact in one.facts):
                continue
            claimed = English.clause(English.clauses[one.kind, LEVELS[place + 1]][0], one.facts, "")
            turned = re.sub(re.escape(one.clause), lambda _, to=claimed: to, text, count=1, flags=re.IGNORECASE)
            stronger.append((turned, evidence))
    assert len(stronger) >= 100
    assert missed(stronger, CATALOG) == []


def test_a_true_sentence_is_false_without_any_evidence() -> None:
    bare = [
        (one.text, replace(one.evidence, attributes=(), history=(), facts=(), excerpts=()), one.dataset)
        for one in LABELLED
    ]
    found = [text for text, evidence, dataset in bare if missed([(text, evidence)], catalogs()[dataset])]
    assert found == []
