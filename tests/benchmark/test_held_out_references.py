"""References come from held-out rows alone, controls from training rows alone, and nothing that trains reads either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grimp
import pytest
from recbole.data import create_dataset
from recbole.utils import init_seed

from recbole_curec.benchmark.held_out_references import ReviewedSplits
from recbole_curec.errors import ConfigurationError, DataError
from tests.atomic_dataset import AtomicDataset

USERS = 6
ITEMS = [(f"i{k}", f"Story{k} Alien") for k in range(8)]


def token(user: int, time: int) -> str:
    """A word that no other review has."""
    return f"token{'abcdefgh'[user]}{'abcdefgh'[time]}"


@pytest.fixture
def splits(atomic: AtomicDataset, load: Callable[..., Any]) -> ReviewedSplits:
    """Every user takes seven items; the last is the test row, the one before it the validation row."""
    atomic.write("item", "item_id:token title:token_seq", ITEMS)
    rows = [
        (f"u{user}", f"i{(user + time) % 8}", 100 * time + user, f"{token(user, time)} is an alien. {6 + time % 4}/10.")
        for user in range(USERS)
        for time in range(7)
    ]
    atomic.write("inter", "user_id:token item_id:token timestamp:float review:token_seq", rows)
    config = load("CURec", atomic)
    init_seed(config["seed"], config["reproducibility"])
    return ReviewedSplits(config, tuple(create_dataset(config).build()))


@pytest.mark.parametrize(("split", "time"), [("valid", 5), ("test", 6)])
def test_references_are_the_sentences_of_the_split(splits: ReviewedSplits, split: Any, time: int) -> None:
    found = splits.references(split, 3)
    assert found.texts == {
        (f"u{user}", f"i{(user + time) % 8}"): (f"{token(user, time)} is an alien.",) for user in range(USERS)
    }
    assert found.note == f"{split} reviews: 6 of 6 pairs have a sentence about the item"


def test_controls_are_taken_from_training_reviews_alone(splits: ReviewedSplits) -> None:
    told = set(splits.pool().typical.sentences)
    assert told == {f"{token(user, time)} is an alien." for user in range(USERS) for time in range(5)}


def test_held_out_reviews_reach_nothing_that_trains() -> None:
    graph = grimp.build_graph("recbole_curec")
    reading = graph.find_modules_that_directly_import("recbole_curec.benchmark.held_out_references")
    # Nothing imports the two top layers, which ask for references.
    assert {name for name in reading if not name.startswith(("recbole_curec.api.", "recbole_curec.cli."))} == set()
    for layer in (
        "stages",
        "pipelines",
        "training",
        "reasons",
        "rewards",
        "features",
        "data",
        "model",
        "plugin",
        "serving",
        "reasoner",
    ):
        assert not graph.chain_exists(
            importer=f"recbole_curec.{layer}",
            imported="recbole_curec.benchmark.held_out_references",
            as_packages=True,
        )


def test_what_has_no_references(atomic: AtomicDataset, load: Callable[..., Any]) -> None:
    rows = [(f"u{user}", f"i{(user + time) % 8}", 100 * time + user, "7/10") for user in range(4) for time in range(5)]
    atomic.write("inter", "user_id:token item_id:token timestamp:float review:token_seq", rows)
    config = load("CURec", atomic, load_col=None)
    init_seed(config["seed"], config["reproducibility"])
    built = tuple(create_dataset(config).build())
    reviews = ReviewedSplits(config, built)
    with pytest.raises(DataError, match=r"of the test split has a sentence about the item, .*sentences=0"):
        reviews.references("test", 3)
    with pytest.raises(DataError, match=r"the 4 reviews of the test split has a sentence, .*: give them in a file"):
        reviews.references("test", 0)
    with pytest.raises(ConfigurationError, match="model=CURec cannot be evaluated"):
        ReviewedSplits(config, (object(), *built[1:]))
