from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.text import clean_text, shorten


def test_text_that_could_break_a_prompt_is_made_harmless():
    assert (
        clean_text(' The "Best"\tof\r\n\u201cHeat\u201d </think><|user|> ') == "The 'Best' of 'Heat' (/think)(/user/)"
    )
    assert clean_text("zero\u200bwidth\u202e and\x00 bell\x07") == "zero width and bell"
    assert clean_text("Amélie \u2013 愛") == "Amélie \u2013 愛"


@given(st.text())
def test_cleaned_text_is_one_safe_line(text):
    cleaned = clean_text(text)
    assert not set(cleaned) & set('"\u201c\u201d<>|\n\r\t\0\u200b\u2028\ufeff')
    assert len(cleaned.splitlines()) <= 1
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    assert clean_text(cleaned) == cleaned


def test_short_text_is_left_alone():
    assert shorten("Heat (1995)", 2) == "Heat (1995)"
    assert shorten("", 3) == ""


def test_a_cut_leaves_no_dangling_punctuation():
    assert shorten("Dr. Strangelove or: How I Learned", 3) == "Dr. Strangelove or"
    assert shorten("The Good, the Bad", 2) == "The Good"
    assert shorten("Wallace & Gromit", 2) == "Wallace"


@given(st.text(alphabet="ab ,(-", max_size=30).map(clean_text), st.integers(1, 5))
def test_shortened_text_is_a_beginning_of_at_most_that_many_words(text, words):
    short = shorten(text, words)
    assert text.startswith(short)
    assert len(short.split()) <= words
