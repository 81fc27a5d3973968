"""Every wording of the teacher is true of the fact it words, and false once that fact is gone, weaker or another.

The same holds in every language, whose sentences are read by the checker of its own.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from recbole_curec.data.evidence import LEVELS, Evidence, Fact, FactKind, Level
from recbole_curec.extensions import LANGUAGES
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.languages.language import Language
from tests.examples import make_catalog
from tests.reasons.claims.judged import faults_of, kinds_of

CATALOG = make_catalog(
    {"1": ("Alien", ["Horror", "Sci-Fi"]), "2": ("Heat", ["Crime"]), "3": ("It", ["Horror"]), "4": ("Up", ["Comedy"])}
)
LANGUAGE_NAMES = ("en", "de")
CHECKERS = {
    (name, noun): checker_of(replace(CATALOG, language=name, noun=noun))
    for name, noun in product(LANGUAGE_NAMES, ("", "movies"))
}
STRENGTHS: dict[FactKind, dict[Level, float]] = {
    "similar": {"weak": 0.1, "fair": 0.3, "strong": 0.5},
    "together": {"weak": 0.1, "fair": 0.3, "strong": 0.5},
    "attribute": {"weak": 1.1, "fair": 1.5, "strong": 2.5},
}
NAMES: dict[FactKind, tuple[str, str]] = {
    "similar": ("Heat", "Up"), "together": ("It", "Jaws"), "attribute": ("Horror", "Sci-Fi")
}  # fmt: skip
LOST = {"similar": {"history", "company", "title"}, "together": {"company", "title"}, "attribute": {"preference"}}


def language_of(name: str) -> type[Language]:
    found: type[Language] = LANGUAGES.find(name)
    return found


WORDINGS = [
    (name, kind, level, wording)
    for name in LANGUAGE_NAMES
    for (kind, level), wordings in language_of(name).clauses.items()
    if kind != "popularity"
    for wording in wordings
]
FRAMES = [
    (name, count, frame)
    for name in LANGUAGE_NAMES
    for frames in (language_of(name).frames, language_of(name).guesses)
    for count, several in frames.items()
    for frame in several
]


def evidence_of(name: str, *facts: Fact, popularity: int = 1) -> Evidence:
    word = language_of(name).popularity[popularity]
    return Evidence(
        "u", "1", 3, "Alien", ("Horror", "Sci-Fi"), ("Toy Story",), (*facts, Fact("popularity", word, 0, 0.7))
    )


def sentence(name: str, clause: str) -> str:
    language = language_of(name)
    return language.sentence(language.frames[1][1], "Alien", [clause])


@pytest.mark.parametrize("noun", ["", "movies"])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(("name", "kind", "level", "wording"), WORDINGS)
def test_a_wording_needs_its_facts(
    name: str, kind: FactKind, level: Level, wording: str, count: int, noun: str
) -> None:
    checker = CHECKERS[name, noun]
    told = NAMES[kind][:count]
    text = sentence(name, language_of(name).clause(wording, [Fact(kind, one, 3, 1.0) for one in told], noun))
    for other in LEVELS:
        facts = [Fact(kind, one, 3, STRENGTHS[kind][other]) for one in told]
        too_strong = LEVELS.index(level) > LEVELS.index(other)
        expected = [("strength", one) for one in told] if too_strong else []
        assert kinds_of(checker, text, evidence_of(name, *facts)) == expected
        for lost in told:
            found = kinds_of(checker, text, evidence_of(name, *(fact for fact in facts if fact.name != lost)))
            assert {kind for kind, _ in found} & LOST[kind], (lost, found)
    gone = kinds_of(checker, text, evidence_of(name))
    assert gone
    assert {kind for kind, _ in gone} <= LOST[kind]


@pytest.mark.parametrize("name", LANGUAGE_NAMES)
def test_the_word_of_another_kind_is_not_the_same_claim(name: str) -> None:
    language, together = language_of(name), Fact("together", "Heat", 3, 0.5)
    told = [one for one in WORDINGS if one[:2] == (name, "similar") and any(w in one[3] for w in language.said_taken)]
    assert len(told) >= 3
    for *_, wording in told:
        text = sentence(name, language.clause(wording, [together], ""))
        kinds = {kind for kind, _ in kinds_of(CHECKERS[name, ""], text, evidence_of(name, together))}
        assert kinds & {"history", "company"}


@pytest.mark.parametrize("name", LANGUAGE_NAMES)
@pytest.mark.parametrize(("said", "known"), list(product(range(3), range(3))))
def test_the_wordings_of_popularity(name: str, said: int, known: int) -> None:
    language = language_of(name)
    true = (said, known) in ((0, 0), (1, 1), (2, 2), (1, 2))  # what is very popular is popular
    for wording in (*language.clauses["popularity", LEVELS[said]], ""):
        word = language.popularity[said]
        clause = language.clause(wording, [Fact("popularity", word, 0, 0.7)], "")
        text = sentence(name, clause) if wording else language.plain.format(target="Alien", word=word)
        found = kinds_of(CHECKERS[name, ""], text, evidence_of(name, popularity=known))
        assert found == ([] if true else [("popularity", "")]), text


@pytest.mark.parametrize(("name", "count", "frame"), FRAMES)
def test_every_frame_says_its_clauses_and_nothing_else(name: str, count: int, frame: str) -> None:
    language, checker = language_of(name), CHECKERS[name, ""]
    facts: list[Fact] = [Fact(kind, one[0], 3, STRENGTHS[kind]["strong"]) for kind, one in NAMES.items()]
    for first in range(2):
        clauses = [language.clause(language.clauses[fact.kind, "strong"][first], [fact], "") for fact in facts]
        text = language.sentence(frame, "Alien", clauses[:count])
        assert faults_of(checker, text, evidence_of(name, *facts)) == []
        assert text[0] == '"' or text[0].isupper()
        for number in range(count):
            lost = [fact for place, fact in enumerate(facts) if place != number]
            assert faults_of(checker, text, evidence_of(name, *lost)), (text, number)


@pytest.mark.parametrize("name", LANGUAGE_NAMES)
def test_no_two_wordings_read_alike(name: str) -> None:
    language = language_of(name)
    wordings = [one for (kind, _), several in language.clauses.items() if kind != "popularity" for one in several]
    assert len(set(wordings)) == len(wordings)
    for key, several in language.clauses.items():
        assert len(several) >= 2, key
    assert all(len(several) >= 3 for frames in (language.frames, language.guesses) for several in frames.values())
