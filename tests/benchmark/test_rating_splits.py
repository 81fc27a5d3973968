from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recbole_curec.benchmark.rating_splits import aligned, rating_splits
from recbole_curec.benchmark.ratings import SPLITS
from recbole_curec.errors import ConfigurationError, DataError
from tests.atomic_dataset import AtomicDataset
from tests.benchmark.rated import rated_dataset, rating_rows

RATED = {
    "load_col": {"inter": ["user_id", "item_id", "rating", "timestamp"]},
    "normalize_all": False,
    "metrics": ["RMSE", "MAE"],
    "valid_metric": "RMSE",
    "LABEL_FIELD": "rating",
}

# Without ratings nothing can be said about values, but items can be ranked.
RANKED = {
    "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
    "eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full"},
    "metrics": ["Recall"],
    "valid_metric": "Recall@10",
    "LABEL_FIELD": "label",
}


def _file(data: AtomicDataset) -> pd.DataFrame:
    table = pd.read_csv(data.root / "toy" / "toy.inter", sep="\t", keep_default_na=False)
    return table.rename(columns=lambda name: name.split(":")[0]).sort_values(["user_id", "timestamp"])


def test_the_last_two_ratings_of_every_user_are_held_out(load: Callable[..., Any], atomic: AtomicDataset) -> None:
    data = rated_dataset(atomic)
    found = rating_splits(load("CURecGeneral", data, eval_args=dict(SPLITS["chronological"]), **RATED), texts=True)
    by_user = [rows for _, rows in _file(data).groupby("user_id")]
    for rows, part in ((found.test, slice(-1, None)), (found.valid, slice(-2, -1)), (found.train, slice(0, -2))):
        expected = pd.concat([taken.iloc[part] for taken in by_user])
        order = np.argsort(rows.users, kind="stable")  # ours are in the order of RecBole's numbers
        assert rows.users[order].tolist() == expected["user_id"].tolist()
        assert rows.items[order].tolist() == expected["item_id"].tolist()
        assert rows.ratings[order].tolist() == expected["rating"].tolist()
        if rows is found.train:
            assert rows.reviews[order].tolist() == expected["review"].tolist()
    assert found.test.texts is found.valid.texts is None  # no held-out review reaches a baseline
    assert found.scale.levels == (1, 2, 3, 4, 5)
    times = _file(data)["timestamp"].rank().to_numpy(dtype=np.int64) - 1
    expected_ranks = dict(zip(map(tuple, _file(data)[["user_id", "item_id"]].to_numpy()), times, strict=True))
    assert found.train.ranks.tolist() == [expected_ranks[pair] for pair in found.train.pairs]


def test_a_random_split_depends_on_the_seed_and_loses_no_row(load: Callable[..., Any], atomic: AtomicDataset) -> None:
    data = rated_dataset(atomic)
    made = [
        rating_splits(load("CURecGeneral", data, eval_args=dict(SPLITS["random"]), seed=seed, **RATED))
        for seed in (1, 1, 2)
    ]
    assert made[0].test.pairs.equals(made[1].test.pairs)
    assert not made[0].test.pairs.equals(made[2].test.pairs)
    everything = _file(data).set_index(["user_id", "item_id"])["rating"]
    for splits in made:
        parts = (splits.train, splits.valid, splits.test)
        ratings = pd.concat([pd.Series(rows.ratings, index=rows.pairs) for rows in parts])
        assert ratings.sort_index().to_dict() == everything.sort_index().to_dict()
        assert len(ratings) == len(everything)
        with pytest.raises(LookupError):
            _ = splits.train.reviews


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"normalize_all": True}, "normalize_all: False"),
        ({"normalize_field": ["rating"]}, "leave rating out"),
        (RANKED, "'rating' is not loaded"),
    ],
)
def test_ratings_that_are_not_there(
    load: Callable[..., Any], atomic: AtomicDataset, more: dict[str, Any], text: str
) -> None:
    config = load(
        "CURecGeneral", rated_dataset(atomic), **{"eval_args": dict(SPLITS["chronological"]), **RATED, **more}
    )
    with pytest.raises(ConfigurationError, match=text):
        rating_splits(config)


def test_plain_recbole_splits_and_files_without_reviews_are_refused(
    load: Callable[..., Any], toy: AtomicDataset, atomic: AtomicDataset
) -> None:
    data = rated_dataset(atomic)
    with pytest.raises(ConfigurationError, match="exact order of time"):
        rating_splits(load("BPR", data, eval_args=dict(SPLITS["chronological"]), **RATED))
    lines = (data.root / "toy" / "toy.inter").read_text().splitlines()
    (data.root / "toy" / "toy.inter").write_text(
        "\n".join([lines[0], *(line.rsplit("\t", 1)[0] + "\t" for line in lines[1:])]) + "\n"
    )
    with pytest.raises(DataError, match="has a review"):
        rating_splits(load("CURecGeneral", data, eval_args=dict(SPLITS["chronological"]), **RATED), texts=True)


def test_predictions_are_put_into_the_order_of_the_rows_or_refused() -> None:
    rows = rating_rows("aab", "xyx", [1, 2, 4.1])
    found = pd.DataFrame(
        {"user": list("baa"), "item": list("xyx"), "rating": [4.1, 2, 1], "predicted": [0.3, 0.2, 0.1]}
    )
    assert aligned("m", found, rows).tolist() == [0.1, 0.2, 0.3]
    with pytest.raises(DataError, match=r"'m' .* 2 test interactions and their 3, 1 are in one"):
        aligned("m", found[:2], rows)
    with pytest.raises(DataError, match=r"1 test interactions have other ratings \(0.5 for 1\)"):
        aligned("m", found.replace({"rating": {1: 0.5}}), rows)
    with pytest.raises(DataError, match="'a' and item 'y' are tested several times"):
        aligned("m", found.replace({"item": {"x": "y"}}), rows)
