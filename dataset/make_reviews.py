"""Writes ``reviews/``: 60 users and 40 items with 900 reviews whose ratings are known because they were built in.

Every item has qualities and flaws (``rich tone``, ``rattling keys``), each of one topic and of a fixed size. Every user
cares much about three of the eight topics and hardly about the others, and is kind or strict. A rating is the sum of
these: base, kindness of the user, and size of every quality and flaw times how much the user cares, rounded and cut to
1 to 5. There is no noise. A review names what moved its rating, between sentences that say nothing.

So the reviews of an item tell what it has, the reviews of a user tell what that user cares about, and both together
tell a rating that the mean ratings of user and item do not.

    python dataset/make_reviews.py

Run it again and the same files come out.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SEED = 2020
USERS, ITEMS, REVIEWS_PER_USER = 60, 40, 15
BASE = 4.4
# How much a user cares about the topics that matter to that user, and about the others.
CARES, HARDLY = 1.6, 0.3
TOPICS_PER_USER = 3
# Only what moves a rating by at least so much is named in its review.
NAMED = 0.5
FIRST_TIME, LAST_TIME = 1_500_000_000, 1_600_000_000

# Qualities and flaws by topic, with what each adds to the rating of somebody who cares as usual.
TOPICS: dict[str, dict[str, float]] = {
    "sound": {"rich tone": 1.0, "warm sound": 0.7, "muffled sound": -1.2, "thin tone": -0.8},
    "keys": {"smooth keys": 0.7, "rattling keys": -1.5, "sticky keys": -1.0},
    "tuning": {"steady tuning": 0.8, "drifting pitch": -1.4, "slipping pegs": -1.1},
    "finish": {"lovely finish": 0.6, "flawless lacquer": 0.7, "peeling paint": -1.1, "sharp edges": -0.9},
    "case": {"sturdy case": 0.6, "flimsy case": -0.9, "broken zipper": -1.2},
    "weight": {"light body": 0.6, "easy grip": 0.7, "clumsy weight": -1.0},
    "extras": {"useful booklet": 0.5, "generous extras": 0.7, "missing screws": -1.3},
    "price": {"fair price": 0.8, "great bargain": 1.0, "steep price": -1.2},
}
MAKERS = "Alder Birch Cedar Hazel Juniper Maple Rowan Willow"
INSTRUMENTS = "Clarinet Flute Oboe Trumpet Ukulele"
PRAISE = (
    "I love the {}.", "Very happy with the {}.", "The {} won me over.", "It was the {} that made my day.",
    "Nobody told me about the {}, what a joy.", "I keep coming back for the {}.", "Thumbs up for the {}.",
)  # fmt: skip
BLAME = (
    "I cannot stand the {}.", "Not happy with the {}.", "The {} spoiled it for me.", "It was the {} that let me down.",
    "Nobody warned me about the {}, what a pity.", "I keep stumbling over the {}.", "Thumbs down for the {}.",
)  # fmt: skip
FILLER = (
    "It came on a Tuesday.", "My sister plays one too.", "I practise in the evening.", "We are four in the band.",
    "I had been looking around for a while.", "The neighbours have heard it by now.", "It is my second one.",
    "I play at home and at school.", "Delivery took three days.", "My teacher had mentioned this model.",
    "I started two years ago.", "It stands beside the window now.", "We rehearse every second week.",
    "I read a few opinions first.", "The box was brown.", "I wrote this after a month.",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """What is hidden behind the ratings.

    Attributes:
        kindness: What every user adds to each rating.
        cares: How much every user cares about each topic.
        aspects: Qualities and flaws of every item, of different topics, by topic.
    """

    kindness: list[float]
    cares: list[dict[str, float]]
    aspects: list[dict[str, str]]

    def effects(self, user: int, item: int) -> dict[str, float]:
        """What each quality and flaw of an item adds to the user's rating."""
        cares = self.cares[user]
        return {name: cares[topic] * TOPICS[topic][name] for topic, name in self.aspects[item].items()}

    def exact(self, user: int, item: int) -> float:
        """The rating before it is rounded and cut."""
        return BASE + self.kindness[user] + sum(self.effects(user, item).values())

    def rating(self, user: int, item: int) -> int:
        """The rating, 1 to 5."""
        return min(5, max(1, int(self.exact(user, item) + 0.5)))


def world(rng: random.Random) -> World:
    """Draw users and items; every item has three or four qualities and flaws, about as many of either."""
    topics = list(TOPICS)
    users = [set(rng.sample(topics, TOPICS_PER_USER)) for _ in range(USERS)]
    items = []
    for _ in range(ITEMS):
        there = sorted(rng.sample(topics, rng.randint(3, 4)), key=topics.index)
        wanted = [1, -1, *(rng.choice((1, -1)) for _ in there[2:])]
        rng.shuffle(wanted)
        items.append(
            {
                topic: rng.choice([name for name, size in TOPICS[topic].items() if size * sign > 0])
                for topic, sign in zip(there, wanted, strict=True)
            }
        )
    return World(
        kindness=[rng.choice((-0.4, 0.0, 0.4)) for _ in range(USERS)],
        cares=[{topic: CARES if topic in much else HARDLY for topic in topics} for much in users],
        aspects=items,
    )


def texts(rng: random.Random, effects: dict[str, float]) -> tuple[str, str]:
    """Headline and text of a review: what moved the rating, strongest first in the headline, among filler."""
    named = sorted((name for name, size in effects.items() if abs(size) >= NAMED), key=lambda name: -abs(effects[name]))
    sentences = [rng.choice(PRAISE if effects[name] > 0 else BLAME).format(name) for name in named]
    sentences += rng.sample(FILLER, rng.randint(1, 3))
    rng.shuffle(sentences)
    return (named[0].capitalize() if named else "My impression"), " ".join(sentences)


def titles(rng: random.Random) -> list[str]:
    """Names of the items, which tell nothing about them."""
    names = [f"{maker} {instrument}" for maker in MAKERS.split() for instrument in INSTRUMENTS.split()]
    return rng.sample(names, ITEMS)


def reviews(rng: random.Random, hidden: World) -> list[tuple[str, ...]]:
    """Rows (user, item, rating, time, summary, review) in time order; no two have the same time."""
    pairs = [(user, item) for user in range(USERS) for item in rng.sample(range(ITEMS), REVIEWS_PER_USER)]
    times = sorted(rng.sample(range(FIRST_TIME, LAST_TIME), len(pairs)))
    rng.shuffle(pairs)
    return [
        (
            f"u{user + 1}",
            f"i{item + 1}",
            str(hidden.rating(user, item)),
            str(time),
            *texts(rng, hidden.effects(user, item)),
        )
        for (user, item), time in zip(pairs, times, strict=True)
    ]


def write(folder: Path) -> None:
    """Write ``reviews.item`` and ``reviews.inter`` into a folder."""
    rng = random.Random(SEED)  # noqa: S311
    hidden = world(rng)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(f"i{number}", title) for number, title in enumerate(titles(rng), 1)]
    _write(folder / "reviews.item", ("item_id:token", "title:token_seq"), rows)
    columns = (
        "user_id:token", "item_id:token", "rating:float", "timestamp:float", "summary:token_seq", "review:token_seq",
    )  # fmt: skip
    _write(folder / "reviews.inter", columns, reviews(rng, hidden))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = "".join("\t".join(row) + "\n" for row in (columns, *rows))
    path.write_bytes(text.encode())


if __name__ == "__main__":
    write(Path(__file__).parent / "reviews")
