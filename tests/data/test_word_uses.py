"""How words are used, told without a tagger."""

from __future__ import annotations

import pytest

from recbole_curec.data.word_uses import WordUse, singular, word_uses


def test_nouns_end_a_phrase_behind_a_determiner() -> None:
    uses = {use.words: use for use in word_uses("It is a great strap. Strap locks help, without feedback")}
    assert uses["great",] == WordUse(("great",), "great")
    assert uses["great", "strap"] == WordUse(("great", "strap"), "great strap")
    assert uses["feedback",] == WordUse(("feedback",), "feedback", is_mass_noun=True)
    assert next(use for use in word_uses("It is a great strap.") if use.words == ("strap",)).is_noun
    assert ("strap", "strap") not in uses  # of two clauses


def test_an_amount_is_no_noun() -> None:
    uses = {use.words: use for use in word_uses("I bought a variety of picks.")}
    assert not uses["variety",].is_noun
    assert uses["pick",].is_mass_noun and uses["pick",].form == "picks"


def test_a_capital_within_a_sentence_is_a_name() -> None:
    uses = [use for use in word_uses("Elixir lasts. My Elixir set of 9V") if len(use.words) == 1]
    assert [(use.form, use.is_name) for use in uses if use.words == ("elixir",)] == [("", False), ("Elixir", True)]
    assert [use.is_name for use in uses if use.words == ("9v",)] == [True]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("strings", "string"), ("batteries", "battery"), ("boxes", "box"), ("glass", "glass"), ("bus", "bus"),
     ("bass", "bass"), ("ties", "tie"), ("gas", "gas")],
)  # fmt: skip
def test_plurals_are_folded(word: str, expected: str) -> None:
    assert singular(word) == expected
