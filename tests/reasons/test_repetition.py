import pytest

from recbole_curec.reasons.repetition import repeated_share, repeats_itself


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "it is popular and it is lesser known",  # two words recur, a clause does not
        "it suits you: you took it, it is popular",
        "you had had enough of it, a very very good match",
        "one two three four and one two three five",
        "it shares fans with name1 and name2, and it goes with name1",
        "you go for name1 and name10 again and again",
    ],
)
def test_good_prose_does_not_repeat_itself(prose):
    assert not repeats_itself(prose)


@pytest.mark.parametrize(
    "prose",
    [
        "it should please please you",
        "you took name1 name1",
        "it shares its fans with name1 and name1",
        "fans of name1, name0 , and name0 take it",
        "du wählst name2 und name2",
        "it is lesser known, and it is lesser known",
        "one two three four one two three four",
    ],
)
def test_a_word_twice_in_a_row_or_a_clause_twice(prose):
    assert repeats_itself(prose)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0),
        ("one two", 0),
        ("a b c d e", 0),
        ("a b c a b c", 0.25),
        ("no no no no no", 2 / 3),
        ("A b C a B c", 0.25),
    ],
)
def test_share_of_repeated_word_triples(text, share):
    assert repeated_share(text) == pytest.approx(share)
