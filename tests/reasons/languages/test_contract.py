"""What every language has: whole sets of wordings, prompts that can be told apart, and words for what items are."""

from __future__ import annotations

import re
from itertools import product
from string import Formatter

import pytest

from recbole_curec.data.evidence import LEVELS, Fact
from recbole_curec.extensions import LANGUAGES
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.languages.german import German
from recbole_curec.reasons.languages.language import Language

KINDS = ("similar", "attribute", "together", "popularity")
OURS = list(LANGUAGES.entries().values())
every = pytest.mark.parametrize("language", OURS, ids=lambda one: one.name)


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@every
def test_every_kind_and_level_has_wordings_with_the_slot_of_its_kind(language: type[Language]) -> None:
    assert set(language.clauses) == set(product(KINDS, LEVELS))
    needed = {"similar": "names", "together": "names", "attribute": "labels", "popularity": "word"}
    for (kind, _), wordings in language.clauses.items():
        for wording in wordings:
            assert slots(wording) - {"its"} == {needed[kind]}
            assert not wording.endswith(".")
    assert slots(language.quotation) == {"quotation", "names"}
    assert slots(language.plain) == {"target", "word"}


@every
def test_every_frame_has_its_clauses_in_order_and_one_fits_whatever_they_say(language: type[Language]) -> None:
    assert (set(language.frames), set(language.guesses)) == ({1, 2, 3}, {1, 2})
    for frames in (language.frames, language.guesses):
        for count, several in frames.items():
            for frame in several:
                assert [int(n) for n in re.findall(r"{C?(\d)}", frame)] == list(range(count))
                assert frame.count("{target}") == 1
                assert frame.endswith(".")
            pronouns = [next(iter(language.pronouns))] * count
            assert any(language.fits(frame, pronouns) for frame in several)


@every
def test_prompts_have_the_same_parts(language: type[Language]) -> None:
    assert set(language.table.facts) == set(KINDS)
    assert set(language.natural.facts) == set(language.natural.tags) == set(product(KINDS, LEVELS))
    assert set(language.table.levels) == set(LEVELS)
    for texts in (language.table, language.natural):
        assert {task for task, line in texts.questions.items() if "{target}" in line} == {"Reason", "Judge"}
        assert slots(texts.quotation) == {"quotation", "name"}
        assert all(answer in texts.system["Judge"] for answer in language.answers)
    assert len(set(language.popularity)) == 3


def test_labels_read_as_phrases() -> None:
    assert English.labelled(["Sci-Fi"], "movies") == "Sci-Fi movies"
    assert English.labelled(["Crime", "Sci-Fi"], "movies") == "Crime and Sci-Fi movies"
    assert English.labelled(["Crime", "movies from 1997"], "movies") == "movies from 1997 and Crime movies"
    assert English.labelled(["Nail Polish", "releases from 1997"], "") == "releases from 1997 and Nail Polish"
    assert German.labelled(["Crime", "Filme aus dem Jahr 1997"], "Filme") == "Crime und Filme aus dem Jahr 1997"


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("movie", "movies"), ("gallery", "galleries"), ("toy", "toys"), ("dish", "dishes"), ("box", "boxes"),
     ("news", "news"), ("", "")],
)  # fmt: skip
def test_an_english_noun_gets_its_plural(noun: str, plural: str) -> None:
    assert English.plural_of(noun) == plural


def test_a_german_noun_is_known_or_left_out() -> None:
    assert (German.plural_of("book"), German.plural_of("gadget"), German.plural_of("")) == ("B\u00fccher", "", "")


def test_the_level_of_popularity_is_that_of_its_word() -> None:
    assert [English.level_of(Fact("popularity", word, 0, 0.9)) for word in English.popularity] == list(LEVELS)
    assert German.level_of(Fact("popularity", "beliebt", 0, 0.9)) == "fair"
    assert English.level_of(Fact("similar", "Heat", 3, 0.5)) == "strong"
