from __future__ import annotations

import pytest

from recbole_curec.reviews.statements.sentences import is_quotable, statements_of

KEPT = "The tension of the last act grips every nerve"


def test_statements_are_whole_sentences_with_their_place() -> None:
    review = f"Great. {KEPT}! Mr. Nolan and Dr. Smith stage every fight with great care. Go."
    assert statements_of(review) == [
        (KEPT, 1 / 3), ("Mr. Nolan and Dr. Smith stage every fight with great care", 2 / 3)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "The tension never goes",  # four words
        " ".join(["The tension of the last act"] * 6),  # 36 words
        "I think the tension never lets go of anybody",
        "The tension kept my brother awake for hours",
        "The tension felt stronger yesterday than in most films",
        "The tension felt stronger last night than in most films",
        "The tension never lets go and earns 8/10 easily",
        "The tension deserves four stars and a standing ovation",
        "Does the tension of the last act ever let go?",
        "But the tension of the last act grips every nerve",
        "He builds a tension that never lets go of anybody",
        "THE TENSION OF THE LAST ACT GRIPS EVERY NERVE",
        "the tension of the last act grips every nerve",
        "Other reviewers found the tension weak and the ending bland",
        "The tension at www.example.com never lets go of anybody",
        "The tension (of the last act never lets go",
        "It is what it is and so on and so forth",  # says nothing
        "12 34 56 78 90 12 34 tension act film",
    ],
)
def test_what_does_not_stand_alone_is_no_statement(sentence: str) -> None:
    assert statements_of(f"{sentence}.") == []
    assert statements_of(f"{sentence}. {KEPT}.") == [(KEPT, 1.0)]


def test_a_reason_can_quote_fourteen_words() -> None:
    assert is_quotable(" ".join(["word"] * 14)) and not is_quotable(" ".join(["word"] * 15))
