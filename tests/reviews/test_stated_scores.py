from __future__ import annotations

import pytest

from recbole_curec.reviews.stated_scores import without_scores


@pytest.mark.parametrize(
    "score",
    [
        "8/10", "7.5/10", "10 / 10", "9 out of 10", "Three out of ten", "3 1/2 stars", "four stars", "5-star",
        "***1/2 out of ****", "**1/2", "****", "★★★☆☆", "2.5/4", "Rating: 8", "my score is 9", "Final grade: B+",
        "I give it a 7", "gave this film an 8", "deserves a solid 9",
    ],
)  # fmt: skip
def test_scores_are_cut_out(score: str) -> None:
    kept = without_scores(f"Good fun, {score}. See it")
    assert kept.replace("I ", "").replace(" .", ".").replace("  ", " ") in ("Good fun,. See it", "Good fun, . See it")


@pytest.mark.parametrize(
    "text",
    [
        "a 1/4 inch jack", "a 3/4 guitar in 4/4", "it rates one of the best", "I got one", "they give a discount",
        "one of the stars of Star Wars", "the score is a triumph", "24/7", "bought 2 of 5 colours",
        "overall a good buy",
        "I score often", "an *excellent* cable", "two out of three broke",
    ],
)  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert without_scores(text) == text
