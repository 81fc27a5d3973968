"""Which comparisons are put to a judge."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from recbole_curec.evaluation.judging.comparisons import choose
from recbole_curec.reasons.words import word_count
from tests.evaluation.explained import compared, personal


def test_pairs_of_unlike_length_are_set_aside() -> None:
    # The texts have 8 or 9 words; a factor of 1.5 allows 12 beside 8.
    pairs = list(compared(6).pairs)
    pairs[2] = replace(pairs[2], texts=("word " * 12, "word " * 8))
    pairs[4] = replace(pairs[4], texts=("word " * 8, "word " * 13))
    found = choose(pairs, count=100, planted=2, length_factor=1.5, seed=1)
    assert found.unmatched == 1
    assert sorted(one.pair.user for one in found.sets) == ["u0", "u1", "u2", "u3", "u5"]


def test_planted_sides_are_of_both_kinds_and_sets_and_beside_an_own_explanation() -> None:
    found = choose(compared(9).pairs, count=4, planted=8, length_factor=2, seed=1)
    assert len(found.sets) == 4
    assert Counter(one.planted for one in found.planted) == {"wrong item": 4, "generic praise": 4}
    assert Counter(one.texts[0] == one.pair.texts[0] for one in found.planted) == {True: 4, False: 4}
    for one in found.planted:
        assert one.texts[0] in one.pair.texts and one.texts[1] not in one.pair.texts
    # Other pairs than those of the sets come first.
    assert {one.pair.user for one in found.sets} & {one.pair.user for one in found.planted[:5]} == set()


def test_each_is_planted_once_and_a_small_study_has_fewer() -> None:
    found = choose(compared(8).pairs, count=8, planted=40, length_factor=2, seed=0)
    assert len({(one.pair.user, one.texts) for one in found.planted}) == len(found.planted) == 32
    assert Counter(one.planted for one in found.planted) == {"wrong item": 16, "generic praise": 16}


def test_texts_without_blanks_are_matched_by_their_characters() -> None:
    first, second = compared(2).pairs
    long = replace(first, texts=("\u7535\u5f71" * 9, "\u7535\u5f71" * 2))
    found = choose([long, second], count=9, planted=2, length_factor=1.5, seed=0)
    assert (found.unmatched, [one.pair.user for one in found.sets]) == (1, ["u1"])


def test_both_orders_are_asked() -> None:
    (one, *_) = choose(compared(2).pairs, count=1, planted=2, length_factor=2, seed=1).sets
    number = int(one.pair.user[1:])
    straight, turned = (prompt[1]["content"].splitlines() for prompt in one.prompts())
    assert straight[-3] == f"Explanation 1: {personal(number)}" and turned[-2] == f"Explanation 2: {personal(number)}"
    assert straight[:-3] == turned[:-3]


def test_without_titles_all_planted_sides_are_generic() -> None:
    nameless = [replace(pair, context=None, evidence=None) for pair in compared(3).pairs]
    found = choose(nameless, count=3, planted=4, length_factor=2, seed=1)
    assert {one.planted for one in found.planted} == {"generic praise"}
    assert all(word_count(one.texts[1]) > 2 for one in found.planted)
