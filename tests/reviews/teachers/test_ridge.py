from __future__ import annotations

import pytest

from recbole_curec.reviews.chains import completion_of, parse_chain
from recbole_curec.reviews.quotations import distinct_aspects, quotes
from recbole_curec.reviews.teachers.ridge import RidgeTeacher
from tests.reviews.reviewed import RATINGS, SCALE, TEXTS

TEACHER = RidgeTeacher.fit(TEXTS, RATINGS, SCALE, 4)


def test_chains_quote_what_moves_the_rating_and_end_with_it() -> None:
    for completion, text, rating in zip(TEACHER.write(TEXTS, RATINGS).completions, TEXTS, RATINGS, strict=True):
        parsed = parse_chain(completion, SCALE)
        assert parsed.valid and parsed.chain.rating == rating
        assert parsed.chain.aspects
        assert all(quotes(text, aspect.quote) for aspect in parsed.chain.aspects)
        assert len(distinct_aspects(parsed.chain.aspects, text)) == len(parsed.chain.aspects)
        assert parsed.chain.sign == {1.0: -1, 3.0: 0, 5.0: 1}[rating]


def test_a_new_review_is_read_with_the_same_words() -> None:
    text = "What a wonderful sound! My sister wants one too, although the plug is flimsy."
    assert completion_of(TEACHER.chain(text, 5.0).aspects, 5.0, SCALE) == (
        '<think> + "wonderful sound"</think> Rating: 5'
    )
    assert [str(aspect) for aspect in TEACHER.chain(text, 1.0).aspects] == ['- "plug is flimsy"']
    assert {aspect.sign for aspect in TEACHER.chain(text, 3.0).aspects} == {1, -1}


def test_no_more_aspects_than_asked_for() -> None:
    long = "A wonderful sound. It is superbly built. The finish is gorgeous. " + "My brother has a stand. " * 8
    assert [len(RidgeTeacher(TEACHER.words, SCALE, most).chain(long, 5.0).aspects) for most in (1, 2, 4)] == [1, 2, 3]


@pytest.mark.parametrize("text", ["", "...", "I got it in four days", "ok"])
def test_a_review_without_usable_words_has_no_aspects(text: str) -> None:
    assert TEACHER.write([text], [3.0]).completions == ["<think> none</think> Rating: 3"]


def test_no_score_is_quoted() -> None:
    assert "8/10" not in TEACHER.write(["A wonderful sound 8/10 gorgeous"], [5.0]).completions[0]
