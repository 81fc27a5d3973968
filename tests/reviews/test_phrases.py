from __future__ import annotations

from recbole_curec.data.words import content_words
from recbole_curec.reviews.phrases import Words


def phrases(text: str) -> list[str]:
    return [phrase.text for phrase in Words.of(text).phrases()]


def test_phrases_begin_and_end_with_what_says_something() -> None:
    assert phrases("The cable is too short, and it was not a good buy") == [
        "cable is too short", "too short", "not a good buy",
    ]  # fmt: skip
    assert phrases("this is a, and it was") == []
    assert phrases("Good") == []


def test_no_phrase_crosses_a_clause_or_states_a_score() -> None:
    assert phrases("Solid build. Nice price") == ["Solid build", "Nice price"]
    assert not [one for one in phrases("Great fun gets a solid 8/10 score from happy me") if "8" in one]


def test_phrases_have_two_to_eight_words() -> None:
    found = phrases("one " + "superb guitar stand " * 5)
    assert all(2 <= len(one.split()) <= 8 for one in found)


def test_content_words_are_plain() -> None:
    assert content_words("It doesn't SOUND like the singer's voice") == {"sound", "like", "singers", "voice"}
