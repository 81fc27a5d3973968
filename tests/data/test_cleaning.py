import re
from pathlib import Path

import pytest
import recbole
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.cleaning import MAX_CHARACTERS, clean_label, clean_text, shorten
from tests.hostile import HOSTILE


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


# Texts of these pieces are likely to be entities and tags within each other.
PIECES = (
    "&",
    "amp;",
    "lt;",
    "#60;",
    "#x3e;",
    "<",
    ">",
    "b",
    "br/",
    "think",
    "/",
    "|",
    "\u00ad",
    " ",
    "&#38;",
    "&quot;",
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_nothing_hides_in_entities_and_tags(text):
    cleaned = clean_text(text)
    assert not set(cleaned) & set('"<>|\u00ad')
    assert clean_text(cleaned) == cleaned


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_one_safe_line(text):
    cleaned = clean_text(text)
    assert not set(cleaned) & set('"<>|\n\u00ad')
    assert not re.search(r"\[\s*/?\s*INST", cleaned, re.IGNORECASE)
    assert not re.search(r"&(lt|gt|quot|#\d+);", cleaned)
    assert clean_text(cleaned) == cleaned


def test_short_text_is_left_alone():
    assert shorten("Heat (1995)", 2) == "Heat (1995)"
    assert shorten("", 3) == ""


def test_a_cut_leaves_no_dangling_punctuation():
    assert shorten("Dr. Strangelove or: How I Learned", 3) == "Dr. Strangelove or"
    assert shorten("The Good, the Bad", 2) == "The Good"
    assert shorten("Wallace & Gromit", 2) == "Wallace"


def test_a_bracket_that_is_cut_open_is_left_out():
    assert shorten("My Life as a Dog (Mitt liv som hund)", 8) == "My Life as a Dog"
    assert shorten("Seven (Se7en) and more words", 3) == "Seven (Se7en) and"
    assert shorten("(Untitled work of art)", 2) == "(Untitled work"


@given(st.text(alphabet="ab ,(-", max_size=30).map(clean_text), st.integers(1, 5))
def test_shortened_text_is_a_beginning_of_at_most_that_many_words(text, words):
    short = shorten(text, words)
    assert text.startswith(short)
    assert len(short.split()) <= words


def _as_before(text):
    """What cleaning was before it knew more attacks: ordinary titles must not notice the difference."""
    control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
    marks = str.maketrans({'"': "'", "\u201c": "'", "\u201d": "'", "<": "(", ">": ")", "|": "/"})
    return re.sub(r"\s+", " ", control.sub(" ", text.translate(marks))).strip()


def test_the_titles_and_genres_of_ml_100k_are_cleaned_as_ever():
    path = Path(recbole.__file__).parent / "dataset_example" / "ml-100k" / "ml-100k.item"
    fields = [field for line in path.read_text(encoding="utf-8").splitlines()[1:] for field in line.split("\t")]
    assert len(fields) == 4 * 1682
    for field in fields:
        assert clean_text(field) == clean_label(field) == _as_before(field)
    assert sum(clean_text(field) == field for field in fields) > 4 * 1682 * 0.99


@pytest.mark.parametrize(
    "title",
    [
        "Amélie (Le fabuleux destin d'Amélie Poulain) (2001)",
        "Die fabelhafte Welt: Teil 2 & 3 'Ende'",
        "千と千尋の神隠し",
        "重庆森林 (1994)",
        "기생충",
        "[REC] (2007)",
        "Shampoo [2 Pack] 50% off, 3-in-1; new!",
        "Wallace & Gromit: The Wrong Trousers",
        "Ocean's Eleven / Ocean\u2019s Twelve",
        "Война и мир",
        "\u0627\u0644\u0631\u0633\u0627\u0644\u0629",
        "ทองดีฟันขาว",
        "#Horror",
        "Crème brûlée 100 ml @home",
        "I ❤️ Huckabees",
    ],
)
def test_ordinary_titles_in_any_script_survive(title):
    assert clean_text(title) == title
    assert shorten(clean_text(title), 20) == title


def test_a_label_brings_no_level_of_its_own():
    assert clean_label("Crime: strong") == "Crime, strong"
    assert clean_label("Age: 3+") == "Age: 3+"
    assert clean_label("Mood : WEAK: none") == "Mood, WEAK, none"
    assert clean_text("Iron: Strong") == "Iron: Strong"


def test_nothing_is_endless():
    assert shorten("x" * 1000, 8) == "x" * MAX_CHARACTERS
    assert clean_label("word " * 1000) == ("word " * 40).strip()
