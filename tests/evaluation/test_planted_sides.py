"""Planted worse sides: nobody who reads can take them for the better ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recbole_curec.evaluation.planted_sides import empty_talk, generic_praise, plant, plant_in_turn
from recbole_curec.reasons.words import word_count
from tests.evaluation.explained import compared, personal, plain


def test_a_wrong_item_is_of_the_same_set_and_names_its_own_item_and_not_this_one() -> None:
    pairs = compared(8).pairs
    for side, text in ((0, personal), (1, plain)):
        found = plant(pairs[0], pairs, side, np.random.default_rng(1))
        assert found is not None
        assert found.right == text(0)
        # The text about the item 9 before, "Rocky", names "Alien" as chosen; with ten items nothing else does.
        assert found.wrong in {text(number) for number in range(1, 8)}
        assert '"Alien"' not in found.wrong


def test_what_names_this_item_too_or_hides_its_own_is_not_planted() -> None:
    first, second, *_ = compared(3).pairs
    both = replace(second, texts=('"Up" is as good as "Alien".', "x"))
    assert plant(first, [both], 0, np.random.default_rng(1)) is None
    nameless = replace(second, texts=("A good one.", "x"))
    assert plant(first, [nameless], 0, np.random.default_rng(1)) is None
    assert plant(replace(first, texts=("A good one.", "x")), [second], 0, np.random.default_rng(1)) is None
    assert plant(replace(first, context=None), [second], 0, np.random.default_rng(1)) is None
    assert plant(first, [replace(second, item=first.item)], 0, np.random.default_rng(1)) is None


def test_of_the_others_the_one_of_the_nearest_length_is_taken() -> None:
    first, second, third = compared(3).pairs
    long = replace(second, texts=(f"{personal(1)} {'and so on ' * 9}", "x"))
    for seed in range(5):
        found = plant(first, [long, third], 0, np.random.default_rng(seed))
        assert found is not None and found.wrong == personal(2)


def test_every_pair_gets_every_kind_from_both_sets_once() -> None:
    pairs = compared(5).pairs
    made = plant_in_turn(pairs, pairs, 40, generic_praise, np.random.default_rng(1))
    kinds = {(one.pair.user, one.kind, one.right) for one in made}
    assert len(kinds) == len(made) == 4 * 5
    assert [one.kind for one in made[:5]] == ["wrong item", "generic praise"] * 2 + ["wrong item"]
    assert [one.pair for one in made[:5]] == list(pairs)
    assert plant_in_turn(pairs, pairs, 3, generic_praise, np.random.default_rng(1)) == made[:3]


def test_without_another_item_the_second_kind_stands_once_for_both_sets() -> None:
    made = plant_in_turn(compared(1).pairs, compared(1).pairs, 40, empty_talk, np.random.default_rng(1))
    assert [(one.kind, one.right) for one in made] == [("empty talk", personal(0)), ("empty talk", plain(0))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('You may like "Heat", a 1995 film.', 7),
        ("\u4f60\u53ef\u80fd\u559c\u6b22\u8fd9\u90e8\u7535\u5f71\u3002", 9),  # Chinese, and a full stop
        ("\u4f60\u559c\u6b22 The Matrix", 5),
        ("\u6620\u753b\u304c\u30ab\u30c3\u30b3\u3044\u3044", 8),  # Japanese
        ("\u0e2b\u0e19\u0e31\u0e07\u0e14\u0e35", 6),  # Thai, marks above letters among them
        ("\uc601\ud654\uac00 \uc88b\ub2e4", 2),  # Korean has blanks
        ("- - !", 0),
    ],
)
def test_words_are_counted_by_the_script(text: str, words: int) -> None:
    assert word_count(text) == words


def test_praise_is_about_as_long_and_claims_nothing() -> None:
    pair = compared(1).pairs[0]
    for words in (3, 12, 30):
        made = generic_praise(replace(pair, texts=("word " * words, "x")), 0, np.random.default_rng(3))
        assert abs(word_count(made.wrong) - words) <= 4
        assert made.kind == "generic praise" and "Alien" not in made.wrong
    assert empty_talk(pair, 1, np.random.default_rng(0)).right == plain(0)
