"""Reviews whose opinion words are known by construction."""

from __future__ import annotations

from recbole_curec.reviews.scale import RatingScale

_TOPICS = ("guitar cable", "metal stand", "string winder", "foot pedal", "leather strap", "spare tuner")
_PRAISE = ("a really wonderful sound", "it is superbly built", "the finish is gorgeous")
_BLAME = ("a truly dreadful noise", "it was badly glued", "the plug is flimsy")


def reviews() -> tuple[list[str], list[float]]:
    """Sixty reviews: praise in those rated 5, blame in those rated 1, both in those rated 3."""
    texts, ratings = [], []
    for number in range(60):
        topic = f"I ordered the {_TOPICS[number // 3 % 6]} for my brother"
        good, bad = _PRAISE[number // 18 % 3], _BLAME[number // 18 % 3]
        rating = (5.0, 1.0, 3.0)[number % 3]
        said = {5.0: good, 1.0: bad, 3.0: f"{good}; {bad}"}[rating]
        texts.append(f"{topic}. There is this: {said}. Shipping took four days.")
        ratings.append(rating)
    return texts, ratings


TEXTS, RATINGS = reviews()
SCALE = RatingScale.of(RATINGS)
STARS = RatingScale.of([1.0, 2.0, 3.0, 4.0, 5.0])
