"""The dataset of RecCoT: training reviews in an order of their own, and the past reviews of every row."""

from __future__ import annotations

import numpy as np
import pytest
from recbole.data import create_dataset
from recbole.utils import init_seed

from recbole_curec.errors import DataError
from recbole_curec.model.rating.reccot import ITEM_REVIEWS, USER_REVIEWS
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.rating_dataset import RecCoTDataset, in_order
from recbole_curec.reviews.vectors import ReviewVectors
from tests.conftest import TODAY
from tests.rated import RATED, rated_rows, write_rated

RS = {"split": {"RS": [0.7, 0.1, 0.2]}, "order": "RO", "group_by": None, "mode": "labeled"}


@pytest.fixture
def splits(atomic, tmp_path):
    def build(rows=None, **overrides):
        write_rated(atomic, rows)
        given = {**RATED, "data_path": str(atomic.root), "checkpoint_dir": str(tmp_path / "saved"), **overrides}
        config = load_config("RecCoT", atomic.name, [], given)
        init_seed(config["seed"], config["reproducibility"])
        dataset = create_dataset(config)
        assert type(dataset) is RecCoTDataset
        return dataset.build()

    return build


def original(dataset, batch):
    users = dataset.id2token("user_id", batch["user_id"]).tolist()
    return users, dataset.id2token("item_id", batch["item_id"]).tolist()


def test_training_reviews_hold_what_the_file_says_in_order_of_user_and_time(splits):
    rows = rated_rows()
    training = splits(rows)[0]
    reviews = training.train_reviews()
    times = {row[:2]: row[4] for row in rows}
    ratings = {row[:2]: row[2] for row in rows}
    pairs = list(zip(reviews.users.tolist(), reviews.items.tolist(), strict=True))
    keys = [(user, times[user, item]) for user, item in pairs]
    assert keys == sorted(keys)
    assert reviews.ratings.tolist() == [ratings[pair] for pair in pairs]
    assert len(reviews) == len(training) == len(rows) - 2 * 30
    by_user = original(training, training[np.arange(len(training))])
    assert list(zip(*by_user, strict=True)) == pairs, "and so do the rows that are trained on"


def test_ratings_that_float32_does_not_hold_come_back_as_in_the_file(splits):
    rows = [(*row[:2], round(row[2] + 0.1, 1), *row[3:]) for row in rated_rows()]
    reviews = splits(rows)[0].train_reviews()
    assert set(reviews.ratings.tolist()) <= {row[2] for row in rows}


@pytest.mark.parametrize("chronological", [True, False])
def test_rows_read_past_training_reviews_alone(splits, chronological):
    rows = rated_rows()
    times = {row[:2]: row[4] for row in rows}
    parts = splits(rows) if chronological else splits(rows, eval_args=RS)
    reviews = parts[0].train_reviews()
    numbered = dict(enumerate(zip(reviews.users.tolist(), reviews.items.tolist(), strict=True), start=1))
    read = 0
    for part in parts:
        batch = part[np.arange(len(part))]
        for row, (user, item) in enumerate(zip(*original(part, batch), strict=True)):
            for name, own in ((USER_REVIEWS, (0, user)), (ITEM_REVIEWS, (1, item))):
                past = [numbered[number] for number in batch[name][row].tolist() if number]
                expected = [
                    pair
                    for pair in numbered.values()
                    if pair[own[0]] == own[1] and pair != (user, item)
                    and (not chronological or times[pair] < times[user, item])
                ]  # fmt: skip
                expected.sort(key=lambda pair: -times[pair])
                assert past == expected[:4]
                read += len(past)
    assert read > 300


def test_times_that_float32_does_not_tell_apart(splits):
    rows = [(*row[:4], TODAY + row[4] // 1000) for row in rated_rows()]
    training = splits(rows)[0]
    times = {row[:2]: row[4] for row in rows}
    reviews = training.train_reviews()
    pairs = list(zip(reviews.users.tolist(), reviews.items.tolist(), strict=True))
    batch = training[np.arange(len(training))]
    assert batch[ITEM_REVIEWS].any()
    for pair, numbers in zip(pairs, batch[ITEM_REVIEWS].tolist(), strict=True):
        assert all(times[pairs[number - 1]] < times[pair] for number in numbers if number)


def test_rows_by_id_follow_the_original_ids_of_training(splits):
    training = splits([*rated_rows(), ("u0", "new", 5.0, "late", 10**9)])[0]
    reviews = training.train_reviews()
    for side, field, tokens in (("user", "user_id", reviews.users), ("item", "item_id", reviews.items)):
        rows = training.rows_by_id(side)
        known = sorted(set(tokens.tolist()))
        assert [known[row - 1] if row else None for row in rows.tolist()] == [
            token if token in known else None for token in training.field2id_token[field]
        ]
    assert training.rows_by_id("item")[training.token2id("item_id", "new")] == 0


def test_vectors_are_put_into_the_order_of_the_reviews(splits):
    reviews = splits()[0].train_reviews()
    vectors = np.arange(len(reviews), dtype=np.float32)[:, None]
    mixed = np.random.default_rng(0).permutation(len(reviews))
    unread = np.zeros(len(reviews), dtype=np.float32)
    ordered = in_order(ReviewVectors(reviews.users[mixed], reviews.items[mixed], vectors[mixed], unread), reviews)
    assert np.array_equal(ordered, vectors)
    with pytest.raises(DataError, match=f"1 of {len(reviews)} training reviews have no vector"):
        in_order(ReviewVectors(reviews.users[1:], reviews.items[1:], vectors[1:], unread[1:]), reviews)


def test_a_missing_rating_is_not_guessed(splits):
    rows = rated_rows()
    rows[5] = (*rows[5][:2], "", *rows[5][3:])
    with pytest.raises(DataError, match=f"1 of {len(rows)} interactions have no 'rating', which RecCoT predicts"):
        splits(rows)
    left = splits(rows, val_interval={"rating": "(-inf,inf)"})
    assert sum(map(len, left)) == len(rows) - 1


def test_one_rating_only_is_refused(splits):
    with pytest.raises(DataError, match="every training review is rated 4"):
        splits([(*row[:2], 4.0, *row[3:]) for row in rated_rows()])


def test_an_item_reviewed_twice_is_refused(splits):
    rows = rated_rows()
    again = [(*rows[0][:4], rows[0][4] - 10**6), (*rows[0][:4], rows[0][4] - 2 * 10**6)]
    with pytest.raises(DataError, match="of an item that the same user has reviewed before"):
        splits(rows + again)
    splits(rows + again, rm_dup_inter="last")
