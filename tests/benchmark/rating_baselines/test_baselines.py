from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import root_mean_squared_error

from recbole_curec.benchmark.rating_baselines import baseline as module
from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline, global_generators_seeded, grid
from recbole_curec.benchmark.rating_baselines.bias import Bias
from recbole_curec.benchmark.rating_baselines.registry import BASELINES
from recbole_curec.benchmark.rating_baselines.tuning import tuned
from recbole_curec.benchmark.rating_splits import RatingRows
from recbole_curec.errors import ConfigurationError
from tests.benchmark.rated import random_splits, rating_rows

FAST = [name for name in BASELINES if not BASELINES[name].packages]


def _only(name: str, train: RatingRows) -> list[float]:
    model = BASELINES[name](1)
    model.fit(train)
    return model.predict(np.array(["a", "z"]), np.array(["x", "y"])).tolist()


def test_constants_by_hand() -> None:
    train = rating_rows("abcde", "vwxyz", [1, 5, 2, 5, 1])
    assert _only("mode", train) == [1, 1]  # as common as 5, and lower
    assert _only("median", train) == [2, 2]
    assert _only("mean", train) == pytest.approx([2.8, 2.8])


def test_a_bias_by_hand() -> None:
    # Two users rate the same item 4 and 2. The item has no bias, the users have +1 and -1 over 2.
    model = Bias(0, user_shrinkage=1, item_shrinkage=0)
    model.fit(rating_rows("ab", "xx", [4, 2]))
    users, items = np.array(["a", "b", "c", "a"]), np.array(["x", "x", "x", "unknown"])
    assert model.predict(users, items).tolist() == pytest.approx([3.5, 2.5, 3.0, 3.5])


def test_biases_minimise_the_regularised_error() -> None:
    train = random_splits().train
    model = Bias(0, user_shrinkage=3, item_shrinkage=1)
    model.fit(train)
    users, items = sorted(set(train.users)), sorted(set(train.items))
    design = np.zeros((len(train), len(users) + len(items)))
    for row, (user, item) in enumerate(zip(train.users, train.items, strict=True)):
        design[row, users.index(user)] = design[row, len(users) + items.index(item)] = 1
    penalty = np.diag([3.0] * len(users) + [1.0] * len(items))
    centred = train.ratings - train.ratings.mean()
    exact = np.linalg.solve(design.T @ design + penalty, design.T @ centred)
    assert model.predict(train.users, train.items) == pytest.approx(train.ratings.mean() + design @ exact, abs=1e-3)


def test_biases_are_those_of_scikit_surprise() -> None:
    surprise = pytest.importorskip("surprise")
    import pandas as pd

    splits = random_splits()
    train, test = splits.train, splits.test
    table = pd.DataFrame({"user": train.users, "item": train.items, "rating": train.ratings})
    data = surprise.Dataset.load_from_df(table, surprise.Reader(rating_scale=(1, 5))).build_full_trainset()
    options = {"method": "als", "reg_u": 3, "reg_i": 10, "n_epochs": 20}
    theirs = surprise.BaselineOnly(bsl_options=options, verbose=False).fit(data)
    ours = Bias(0, user_shrinkage=3, item_shrinkage=10)
    ours.fit(train)
    expected = [theirs.predict(user, item, clip=False).est for user, item in zip(test.users, test.items, strict=True)]
    assert ours.predict(test.users, test.items) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_is_tuned_and_beats_the_worst_constant(name: str) -> None:
    baseline = BASELINES[name]
    for package in baseline.packages:
        pytest.importorskip(package)
    splits = random_splits()
    found = tuned(baseline, splits, seed=1)
    assert found.predicted.shape == (100,)
    assert found.predicted.min() >= 1
    assert found.predicted.max() <= 5
    assert len(found.tried) == len(baseline.candidates)
    assert dict(found.chosen) == baseline.candidates[int(np.argmin(found.tried))]
    if len(baseline.candidates) > 1:  # the data are biases, which every model with hyper-parameters has
        constant = np.full(100, splits.train.ratings.mean())
        assert root_mean_squared_error(splits.test.ratings, found.predicted) < 0.7 * root_mean_squared_error(
            splits.test.ratings, constant
        )
    again = tuned(baseline, splits, seed=1)
    assert again.predicted.tolist() == found.predicted.tolist()
    assert {**found.facts, "wall_seconds": 0} == {**again.facts, "wall_seconds": 0}


def test_the_best_candidate_on_validation_is_taken_whatever_the_test_says() -> None:
    class Guess(RatingBaseline):
        name = "guess"
        candidates = grid(value=(1, 9, 3, 2))

        def fit(self, train: RatingRows) -> None:
            self.value = float(self.hyperparameters["value"])

        def predict(self, users, items):  # type: ignore[no-untyped-def]
            return np.full(len(users), self.value)

    splits = random_splits()
    valid, test = splits.valid, splits.test
    valid.ratings[:], test.ratings[:] = 3.0, 1.0
    found = tuned(Guess, splits, seed=0)
    assert found.tried == (2.0, 2.0, 0.0, 1.0)  # 9 was cut off at 5
    assert found.chosen == {"value": 3}
    assert found.predicted.tolist() == [3.0] * 100


def test_tuned_models_try_as_many_settings_unless_a_fit_takes_minutes() -> None:
    assert {name: len(baseline.candidates) for name, baseline in BASELINES.items()} == {
        "mode": 1, "mean": 1, "median": 1, "bias": 12, "svd": 12, "svdpp": 12, "hft": 4, "narre": 4,
    }  # fmt: skip
    assert grid(a=(1, 2), b=("x",)) == ({"a": 1, "b": "x"}, {"a": 2, "b": "x"})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    for name in FAST:
        BASELINES[name].check()
    with pytest.raises(ConfigurationError, match=r"'svd' needs scikit-surprise: pip install scikit-surprise"):
        BASELINES["svd"].check()
    with pytest.raises(ConfigurationError, match=r"'narre' needs cornac and tensorflow-cpu"):
        BASELINES["narre"].check()


def test_global_generators_go_on_where_they_were() -> None:
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random(2)[1]  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    np.random.random()  # noqa: NPY002
    with global_generators_seeded(2**32 + 7):
        first = np.random.random()  # noqa: NPY002
    assert np.random.random() == expected  # noqa: NPY002
    with global_generators_seeded(7):
        assert np.random.random() == first  # noqa: NPY002
