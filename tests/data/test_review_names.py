"""Names made of terms: short, different, and only of what terms say."""

from __future__ import annotations

from recbole_curec.data.review_names import names_from_terms
from recbole_curec.data.review_terms import Term, characteristic_terms
from tests.told_items import NAMES, REVIEWS


def _kind(*words: str, weight: float = 1.0) -> Term:
    return Term(words, " ".join(words), weight, is_kind=True, is_label=True)


def _brand(*words: str, weight: float = 1.0) -> Term:
    return Term(words, " ".join(words).title(), weight, is_kind=False, is_label=True)


def test_names_say_what_it_is_and_one_thing_more() -> None:
    assert names_from_terms(characteristic_terms(REVIEWS), 8) == NAMES


def test_items_of_equal_names_get_further_words_then_their_id() -> None:
    shared = [_kind("strap"), _brand("fender")]
    terms = {"a": [*shared, _kind("leather")], "b": shared, "c": shared}
    assert names_from_terms(terms, 8) == {
        "a": "strap, Fender, leather", "b": "strap, Fender (b)", "c": "strap, Fender (c)"
    }  # fmt: skip


def test_the_order_of_the_parts_does_not_tell_two_items_apart() -> None:
    terms = {"a": [_kind("strap"), _kind("mandolin")], "b": [_kind("mandolin"), _kind("strap")]}
    assert names_from_terms(terms, 8) == {"a": "strap, mandolin (a)", "b": "mandolin, strap (b)"}


def test_names_of_other_items_are_taken() -> None:
    assert names_from_terms({"a": [_kind("strap")]}, 8, ["Strap"]) == {"a": "strap (a)"}


def test_a_kind_comes_first_and_nothing_is_said_twice() -> None:
    terms = {"a": [_brand("snark"), _kind("tuner"), _kind("tune"), _kind("display")]}
    assert names_from_terms(terms, 8) == {"a": "tuner, Snark"}
    pair = {"a": [_kind("tuner"), _kind("tune"), _kind("clip", "tuner"), _kind("clip"), _kind("display")]}
    assert names_from_terms(pair, 8) == {"a": "clip tuner, display"}


def test_names_are_as_long_as_allowed_and_without_terms_there_is_none() -> None:
    assert names_from_terms({"a": [_kind("power", "supply"), _brand("boss")]}, 2) == {"a": "power supply"}
    assert names_from_terms({"a": [], "b": [Term(("heavy",), "heavy", 1.0, is_kind=False, is_label=False)]}, 8) == {}
