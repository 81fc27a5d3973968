from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.ranking.ranker import LabelledQueries, Ranker, check_lightgbm
from recbole_curec.settings.rank import RankSettings

COLUMNS = ["base_score.score", "text.late", "noise.any"]
SETTINGS = RankSettings(rounds=40, patience=10)


def queries(count: int, seed: int, deciding: int = 1) -> LabelledQueries:
    """Ten candidates each; the target has the highest value of one feature, and all others are noise."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(count, 10, 3))
    labels = np.zeros((count, 10), dtype=np.int64)
    labels[np.arange(count), table[:, :, deciding].argmax(axis=1)] = 1
    return LabelledQueries(table.reshape(-1, 3).astype(np.float32), labels.ravel(), np.full(count, 10))


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    return Ranker.train(queries(60, 0), queries(20, 1), COLUMNS, SETTINGS, seed=3, threads=1)


def test_the_feature_that_decides_puts_the_target_first(ranker: Ranker) -> None:
    held = queries(40, 2)
    first = ranker.scores(held.table).reshape(40, 10).argmax(axis=1)
    hits = (held.labels.reshape(40, 10)[np.arange(40), first] == 1).mean()
    assert hits > 0.8  # by chance 0.1
    shares = ranker.importance()
    assert shares.sum() == pytest.approx(1.0) and shares[1] > 0.8
    assert ranker.n_features == 3 and 0 < ranker.trees <= 40


def test_contributions_add_up_to_the_score_and_name_the_feature(ranker: Ranker) -> None:
    table = queries(8, 4).table
    added, scores = ranker.contributions(table), ranker.scores(table)
    assert added.shape == (80, 3)
    assert np.ptp(scores - added.sum(axis=1)) < 1e-6  # the rest is one number, the mean
    assert np.abs(added).mean(axis=0).argmax() == 1


def test_the_same_queries_give_the_same_bytes(ranker: Ranker) -> None:
    again = Ranker.train(queries(60, 0), queries(20, 1), COLUMNS, SETTINGS, seed=3, threads=1)
    assert again.text == ranker.text
    other = Ranker.train(queries(60, 0, deciding=2), queries(20, 1), COLUMNS, SETTINGS, seed=3, threads=1)
    assert other.text != ranker.text


def test_a_model_is_read_from_its_text(ranker: Ranker) -> None:
    table = queries(3, 5).table
    assert np.array_equal(Ranker(ranker.text).scores(table), ranker.scores(table))


def test_some_of_the_queries() -> None:
    whole = LabelledQueries(np.arange(12.0).reshape(6, 2), np.array([1, 0, 0, 1, 0, 1]), np.array([2, 3, 1]))
    part = whole.of(np.array([False, True, True]))
    assert part.table[:, 0].tolist() == [4.0, 6.0, 8.0, 10.0]
    assert part.labels.tolist() == [0, 1, 0, 1] and part.sizes.tolist() == [3, 1]


def test_without_lightgbm_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    check_lightgbm()
    find: Any = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "lightgbm" else find(name))
    with pytest.raises(
        ConfigurationError, match=r"'lightgbm', which is not installed: pip install recbole-curec\[rank\]"
    ):
        check_lightgbm()
