from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.titles import in_reading_order


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Godfather, The", "The Godfather"),
        ("Godfather, The (1972)", "The Godfather (1972)"),
        ("Affair to Remember, An", "An Affair to Remember"),
        ("Fish Called Wanda, A", "A Fish Called Wanda"),
        ("Postino, Il", "Il Postino"),
        ("Boot, Das", "Das Boot"),
        ("Cit\u00e9 des enfants perdus, La", "La Cit\u00e9 des enfants perdus"),
        ("Enfer, L'", "L'Enfer"),
        ("Mariachi, El", "El Mariachi"),
        ("Seven Samurai, The (Shichinin no samurai)", "The Seven Samurai (Shichinin no samurai)"),
        ("Blue Angel, The (Blaue Engel, Der)", "The Blue Angel (Der Blaue Engel)"),
        ("Blue Angel, The (Blaue Engel, Der) (1930)", "The Blue Angel (Der Blaue Engel) (1930)"),
        ("Maybe, Maybe Not (Bewegte Mann, Der)", "Maybe, Maybe Not (Der Bewegte Mann)"),
        ("Adventures of Priscilla, Queen of the Desert, The", "The Adventures of Priscilla, Queen of the Desert"),
    ],
)
def test_an_article_goes_to_the_front(title: str, expected: str) -> None:
    assert in_reading_order(title) == expected


@pytest.mark.parametrize(
    "title",
    [
        "The Godfather", "Bye Bye, Love", "Me, Myself, A", "Me, Myself, I", "Live, Love, Die", "Godfather, the",
        "Shampoo, 2 oz., The Original", "Convento, O", "Lock, Stock (and Barrel", "M", "", "The", ", The", "(A)",
        "Cream, A (for (dry) skin)", "Nail Polish, Theatre Red",
    ],
)  # fmt: skip
def test_what_is_no_article_at_the_end_stays(title: str) -> None:
    assert in_reading_order(title) == title


@given(st.text(alphabet="aThe, ()'L", max_size=30))
def test_no_letter_is_lost_and_twice_changes_nothing_more_than_once(title: str) -> None:
    ordered = in_reading_order(title)
    assert sorted(ordered.replace(" ", "").replace(",", "")) == sorted(title.replace(" ", "").replace(",", ""))
