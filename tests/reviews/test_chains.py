from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.reviews.chains import MAX_ASPECTS, Aspect, Chain, completion_of, parse_chain
from recbole_curec.reviews.scale import RatingScale
from tests.hostile import HOSTILE
from tests.reviews.reviewed import STARS

ASPECTS = (Aspect(1, "great sound"), Aspect(-1, "cable too short"))
GOOD = '<think> + "great sound"; - "cable too short"</think> Rating: 4'
SEVEN = "<think> " + "; ".join(['+ "a b"'] * 7) + "</think> Rating: 4"
HALVES = RatingScale.of([0.5, 1.0, 3.5, 5.0])


def test_a_chain_is_written_and_read() -> None:
    assert completion_of(ASPECTS, 4.0, STARS) == GOOD
    parsed = parse_chain(GOOD, STARS)
    assert (parsed.chain, parsed.error) == (Chain(ASPECTS, 4.0), None)
    assert parsed.valid and parsed.think == '+ "great sound"; - "cable too short"'
    assert completion_of((), 2.0, STARS) == "<think> none</think> Rating: 2"
    assert parse_chain("<think> none</think> Rating: 2", STARS).chain == Chain((), 2.0)


def test_white_space_is_no_error() -> None:
    text = '\n<think>\n+ "great sound" ;\n-"cable  too short"\n</think>\n\nrating:  4\n'
    parsed = parse_chain(text, STARS)
    assert parsed.error is None and parsed.chain.rating == 4.0
    assert [aspect.sign for aspect in parsed.chain.aspects] == [1, -1]


@pytest.mark.parametrize(
    ("text", "error", "rating"),
    [
        ("Rating: 4", "the think tags are missing", None),
        (f"Well. {GOOD}", "there is text before the thinking", None),
        (f"{GOOD}<think>", "the think tags are repeated", None),
        (f"{GOOD}{GOOD}", "the think tags are repeated", None),
        ('<think> + "great sound"</think>', "there is no rating behind the thinking", None),
        (f"{GOOD} or so", "there is text behind the rating", None),
        (f"{GOOD}. Great!", "there is text behind the rating", None),
        (f"{GOOD} Rating: 4", "there are two ratings", None),
        (f"{GOOD}/5", "the rating '4/5' is no number", None),
        (f"{GOOD}e0", "the rating '4e0' is no number", None),
        ("<think> none</think> Rating: nan", "the rating 'nan' is no number", None),
        ("<think> none</think> Rating: four", "the rating 'four' is no number", None),
        ("<think> none</think> Rating: 6", "the rating 6 is not on the scale of 1 to 5", None),
        ("<think> none</think> Rating: 3.7", "the rating 3.7 is not on the scale of 1 to 5", None),
        ("<think></think> Rating: 4", "the thinking is empty: without aspects it is the word none", 4.0),
        ("<think> nice</think> Rating: 4", "an aspect is no sign with a quotation: 'nice'", 4.0),
        ('<think> "great sound"</think> Rating: 4', "an aspect is no sign with a quotation: '\"great sound\"'", 4.0),
        ('<think> + "great sound</think> Rating: 4', "an aspect is no sign with a quotation: '+ \"great sound'", 4.0),
        ('<think> + "great"</think> Rating: 4', "a quotation has 1 words, not 2 to 8", 4.0),
        (f'<think> + "{"a " * 9}"</think> Rating: 4', "a quotation has 9 words, not 2 to 8", 4.0),
        ('<think> + "a b" + "c d"</think> Rating: 4', "two aspects are not separated by a semicolon", 4.0),
        ('<think> + "a b";</think> Rating: 4', "a semicolon is followed by no aspect", 4.0),
        (SEVEN, f"there are 7 aspects, more than {MAX_ASPECTS}", 4.0),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, error: str, rating: float | None) -> None:
    parsed = parse_chain(text, STARS)
    assert parsed.error == error
    assert parsed.chain.rating == rating


def test_ratings_are_those_of_the_scale() -> None:
    assert parse_chain("<think> none</think> Rating: 3.5", HALVES).chain.rating == 3.5
    assert parse_chain("<think> none</think> Rating: 2", HALVES).chain.rating == 2.0  # nobody gave it, but one can
    assert parse_chain("<think> none</think> Rating: 0", HALVES).chain.rating is None
    assert (HALVES.step, HALVES.middle) == (0.5, 2.75)
    third = RatingScale.of([1 / 3, 2 / 3, 1.0])
    assert parse_chain(completion_of((), 2 / 3, third), third).valid


def test_the_sign_of_a_chain_is_that_of_most_aspects() -> None:
    assert Chain((*ASPECTS, Aspect(-1, "bad smell")), 2.0).sign == -1
    assert Chain(ASPECTS, 3.0).sign == 0
    assert Chain(ASPECTS[:1], 3.0).sign == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_read_without_a_rating(text: str) -> None:
    assert parse_chain(text, STARS).chain.rating is None
    assert not parse_chain(f"<think> {text}</think> Rating: 4", STARS).valid


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["<think>", "</think>", "Rating:", " ", "4", '"', "+", "-", ";", "none", "great sound", "\n"]),
        st.text(max_size=8),
    ),
    max_size=14,
).map("".join)


@settings(deadline=None)
@given(text=PIECES)
def test_no_text_makes_the_parser_raise_and_what_is_valid_comes_back(text: str) -> None:
    parsed = parse_chain(text, STARS)
    rating = parsed.chain.rating
    assert rating is None or STARS.holds(rating)
    if parsed.valid:
        assert rating is not None
        again = parse_chain(completion_of(parsed.chain.aspects, rating, STARS), STARS)
        assert again.chain == parsed.chain and again.valid
