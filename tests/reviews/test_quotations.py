from __future__ import annotations

import pytest

from recbole_curec.reviews.chains import Aspect
from recbole_curec.reviews.quotations import distinct_aspects, quotes

REVIEW = (
    "Great sound for the money, and it is easy to tune. Sadly the cable is too short, and in the end the old one was "
    "better made than this one will ever be, so I am going to send it back."
)


def counted(*aspects: str) -> list[str]:
    signed = [Aspect(1 if one[0] == "+" else -1, one[1:]) for one in aspects]
    return [located.aspect.quote for located in distinct_aspects(signed, REVIEW)]


def test_quotations_are_word_for_word_apart_from_case_and_space() -> None:
    assert quotes(REVIEW, "GREAT   sound")
    assert not quotes(REVIEW, "great sounds")
    assert not quotes(REVIEW, "reat sound")
    assert not quotes(REVIEW, "great sound for money")
    assert not quotes(REVIEW, "")


def test_aspects_of_their_own_count() -> None:
    aspects = ("+great sound", "+easy to tune", "-cable is too short")
    assert counted(*aspects) == [one[1:] for one in aspects]


@pytest.mark.parametrize(
    ("aspects", "kept"),
    [
        (["+perfect sound", "+lovely colour"], []),
        (["+great sound", "+great sound"], ["great sound"]),
        (["+great sound", "+sound for the money"], ["great sound"]),
        (["+great sound", "-great sound"], []),
        (["+easy to tune", "-is easy to"], []),
        (["+for the", "+and it is", "-in the"], []),
        (["-the cable", "-is too short"], ["the cable"]),  # one phrase cut in two
        (["+Great sound for the money, and it is", "+easy to tune. Sadly the cable"], []),  # longer than one may be
        (["-Sadly the cable is", "-the old one was better made than this", "+Great sound for the money",
          "+easy to tune", "-so I am going to send it back"], []),
    ],
)  # fmt: skip
def test_what_says_nothing_of_its_own_does_not_count(aspects: list[str], kept: list[str]) -> None:
    assert counted(*aspects) == kept
