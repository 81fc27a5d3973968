"""The toy reviews are what dataset/README.md says: past reviews tell the next rating, mean ratings do not."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from tests.examples import TOY

DATASET = TOY.parent
Matrix = NDArray[np.float64]


@pytest.fixture(scope="module")
def made() -> Any:
    """The module that writes the files."""
    spec = importlib.util.spec_from_file_location("make_reviews", DATASET / "make_reviews.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass asks for it
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def hidden(made: Any) -> Any:
    return made.world(random.Random(made.SEED))


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    table = pd.read_csv(DATASET / "reviews" / "reviews.inter", sep="\t")
    table.columns = [name.partition(":")[0] for name in table.columns]
    numbers = {side: table[f"{side}_id"].str[1:].astype(int) - 1 for side in ("user", "item")}
    return table.assign(**numbers)


def test_the_script_writes_the_same_files_again(made: Any, tmp_path: Path) -> None:
    made.write(tmp_path)
    for name in ("reviews.inter", "reviews.item"):
        assert (tmp_path / name).read_bytes() == (DATASET / "reviews" / name).read_bytes()


def test_sizes_and_order(reviews: pd.DataFrame) -> None:
    assert len(reviews) == 900
    assert set(Counter(reviews["user_id"]).values()) == {15}
    assert reviews["item_id"].nunique() == 40
    assert not reviews.duplicated(["user_id", "item_id"]).any()
    assert reviews["timestamp"].is_monotonic_increasing
    assert reviews["timestamp"].is_unique
    counts = Counter(reviews["rating"])
    assert sorted(counts) == [1, 2, 3, 4, 5]
    assert counts.most_common(1)[0][0] == 5
    assert counts[1] == min(counts.values())


def test_ratings_are_the_sum_of_what_is_hidden_and_reviews_name_it(
    made: Any, hidden: Any, reviews: pd.DataFrame
) -> None:
    for row in reviews.itertuples():
        effects = hidden.effects(row.user, row.item)
        exact = made.BASE + hidden.kindness[row.user] + sum(effects.values())
        assert row.rating == min(5, max(1, np.floor(exact + 0.5)))
        named = {name for name, size in effects.items() if abs(size) >= made.NAMED}
        assert {name for names in made.TOPICS.values() for name in names if name in row.review} == named
        assert not named or row.summary.lower() in named
        assert len(row.review.split()) >= 4


def test_every_item_has_qualities_and_flaws_of_different_topics(made: Any, hidden: Any) -> None:
    for aspects in hidden.aspects:
        sizes = [made.TOPICS[topic][name] for topic, name in aspects.items()]
        assert min(sizes) < 0 < max(sizes)
        assert len(sizes) in (3, 4)


def biases(made: Any, rows: pd.DataFrame) -> Matrix:
    return np.concatenate([np.eye(made.USERS)[rows["user"]], np.eye(made.ITEMS)[rows["item"]]], axis=1)


def told(made: Any, train: pd.DataFrame, rows: pd.DataFrame) -> Matrix:
    """For every row, what earlier training reviews tell: sizes of what the item has, by how often the user names it."""
    topics = {name: topic for topic, names in made.TOPICS.items() for name in names}
    sizes = {name: size for names in made.TOPICS.values() for name, size in names.items()}
    named = [[name for name in topics if name in text] for text in train["review"]]
    past = train.assign(named=named)
    found = []
    for row in rows.itertuples():
        before = past[past["timestamp"] < row.timestamp]
        own = before[before["user"] == row.user]["named"]
        cares = Counter(topics[name] for names in own for name in names)
        has = {name for names in before[before["item"] == row.item]["named"] for name in names}
        found.append(sum(cares[topics[name]] / max(1, len(own)) * sizes[name] for name in sorted(has)))
    return np.array(found)[:, None]


def test_past_reviews_tell_the_next_rating_and_mean_ratings_do_not(
    made: Any, hidden: Any, reviews: pd.DataFrame
) -> None:
    test = reviews.groupby("user").tail(1)
    train = reviews.drop(test.index)

    def rmse(alpha: float, *features: tuple[Matrix, Matrix]) -> float:
        ours, theirs = (np.concatenate(parts, axis=1) for parts in zip(*features, strict=True))
        predicted = Ridge(alpha=alpha).fit(ours, train["rating"]).predict(theirs)
        return float(np.sqrt(np.mean((predicted - test["rating"].to_numpy()) ** 2)))

    bias = biases(made, train), biases(made, test)
    past = told(made, train, train), told(made, train, test)
    exact = [
        np.array([[hidden.exact(user, item)] for user, item in zip(rows["user"], rows["item"], strict=True)])
        for rows in (train, test)
    ]
    grid = (1.0, 3.0, 10.0, 30.0)  # the best of it is the baseline's advantage
    by_bias = min(rmse(alpha, bias) for alpha in grid)
    by_reviews = min(rmse(alpha, bias, past) for alpha in grid)
    by_truth = rmse(1.0, (exact[0], exact[1]))
    assert by_bias > 1.0
    assert by_reviews < 0.7 * by_bias
    assert by_truth < 0.4 * by_bias
