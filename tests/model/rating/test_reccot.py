"""The rating model reads what it may, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recbole.data.interaction import Interaction

from recbole_curec.model.rating.reccot import ITEM_REVIEWS, USER_REVIEWS, RecCoT, shown_vectors
from recbole_curec.settings.reccot import RatingSettings
from tests.rated import rated_rows


def batch_of(dataset, rows=None):
    return dataset[np.arange(len(dataset)) if rows is None else rows]


def changed(batch, **columns):
    return Interaction({**batch.interaction, **columns})


@pytest.fixture
def trained(splits, model_of):
    config, datasets = splits()
    return model_of(config, datasets[0]), batch_of(datasets[2])


def test_an_untrained_model_predicts_mean_biases_and_what_summaries_tell(splits):
    config, datasets = splits()
    model = RecCoT(config, datasets[0]).eval()
    batch, reviews = batch_of(datasets[2]), datasets[0].train_reviews()
    model.summary_weights.copy_(torch.linspace(-0.2, 0.3, len(model.summary_weights)))
    summaries = model.summaries(batch)
    told = (summaries - model.summary_mean) / model.summary_spread @ model.summary_weights
    users = datasets[0].rows_by_id("user")[batch["user_id"].numpy()]
    items = datasets[0].rows_by_id("item")[batch["item_id"].numpy()]
    expected = reviews.ratings.mean() + model.user_bias[users] + model.item_bias[items]
    assert torch.allclose(model.parts(batch).sum(dim=1), expected.float(), atol=1e-5)
    assert torch.allclose(model.rate(batch), (expected + reviews.ratings.std() * told).float(), atol=1e-5)
    cut = model.predict(batch)
    assert cut.min() >= 0.5
    assert cut.max() <= 5


def test_predictions_stay_on_the_scale(trained):
    model, batch = trained
    model.scale[0] = 50
    assert torch.equal(model.predict(batch), torch.full((len(batch),), 5.0))


def test_the_padding_says_nothing(trained):
    model, batch = trained
    before = model.rate(batch)
    lengths = [(batch[name] > 0).sum(dim=1) for name in (USER_REVIEWS, ITEM_REVIEWS)]
    assert (lengths[0] != lengths[1]).any(), "the two sides have lists of unequal lengths"
    assert any((length < 4).any() for length in lengths)
    for table in (model.vectors, model.ratings, model.residuals):
        table[0] = 100.0
    model.partners[0] = 1
    assert torch.equal(model.rate(batch), before)


def test_wider_lists_change_nothing(trained):
    model, batch = trained
    wide = {name: torch.nn.functional.pad(batch[name], (0, 3)) for name in (USER_REVIEWS, ITEM_REVIEWS)}
    assert torch.allclose(model.rate(changed(batch, **wide)), model.rate(batch), atol=1e-5)


@pytest.mark.parametrize(("longer", "shorter"), [(ITEM_REVIEWS, USER_REVIEWS), (USER_REVIEWS, ITEM_REVIEWS)])
def test_entries_beyond_the_other_sides_length_are_read(trained, longer, shorter):
    model, batch = trained
    # one review on one side and four on the other: the masks are those of the sides
    several = torch.tensor([[5, 6, 7, 8]]).repeat(len(batch), 1)
    one = torch.tensor([[1, 0, 0, 0]]).repeat(len(batch), 1)
    before = model.rate(changed(batch, **{longer: several, shorter: one}))
    for place in range(4):
        other = several.clone()
        other[:, place] = 9
        after = model.rate(changed(batch, **{longer: other, shorter: one}))
        assert (after != before).all(), f"place {place} of {longer}"


def test_the_own_review_is_never_read(splits, model_of):
    config, datasets = splits()
    training, reviews, whole = datasets[0], datasets[0].train_reviews(), datasets[0].review_vectors
    for number in range(0, len(training), 7):
        vectors = whole.copy()
        vectors[number] = np.nan
        training.review_vectors = vectors
        model = model_of(config, training)
        model.ratings[number + 1] = torch.nan
        model.residuals[number + 1] = torch.nan
        own = batch_of(training, [number])
        assert int(training.inter_feat.ranks[number]) == int(reviews.ranks[number])
        assert model.rate(own).isfinite().all()
        everywhere = model.rate(batch_of(training))
        assert everywhere.isfinite().all() != _is_read(training, number), "the canary reaches those who may read it"


def _is_read(dataset, number):
    batch = batch_of(dataset)
    return bool((batch[USER_REVIEWS] == number + 1).any() or (batch[ITEM_REVIEWS] == number + 1).any())


@pytest.mark.parametrize("order", ["TO", "RO"])
def test_held_out_rows_change_no_prediction(splits, order):
    split = {"LS": "valid_and_test"} if order == "TO" else {"RS": [0.8, 0.1, 0.1]}
    config, datasets = splits(eval_args={"split": split, "order": order, "group_by": None, "mode": "labeled"})
    rows = rated_rows()
    held_out = {
        (user, item)
        for dataset in datasets[1:]
        for user, item in zip(
            dataset.id2token("user_id", dataset.inter_feat["user_id"]),
            dataset.id2token("item_id", dataset.inter_feat["item_id"]),
            strict=True,
        )
    }
    assert len(held_out) > 10
    other = [(*row[:2], 5.5 - row[2], "other words", row[4]) if row[:2] in held_out else row for row in rows]
    predicted = [_trained_predictions(*splits(given, eval_args=config["eval_args"])) for given in (rows, other)]
    assert predicted[0].keys() == predicted[1].keys()
    assert predicted[0] == predicted[1]


def test_the_file_order_of_held_out_rows_changes_no_prediction(splits):
    rows = rated_rows()
    last: dict[str, int] = {}
    for row in rows:
        last[row[0]] = max(last.get(row[0], -1), row[4])
    held_out = [row for row in rows if row[4] == last[row[0]]]
    # RecBole numbers users and items by first appearance, so all of its ids change
    moved = held_out[::-1] + [row for row in rows if row[4] != last[row[0]]]
    first, second = _trained_predictions(*splits(rows)), _trained_predictions(*splits(moved))
    assert first == second


def _trained_predictions(config, datasets):
    """Predictions after a few steps, by original ids of the test rows."""
    torch.manual_seed(3)
    training, test = datasets[0], datasets[2]
    model = RecCoT(config, training)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        model.calculate_loss(batch_of(training)).backward()
        optimizer.step()
    batch = batch_of(test)
    users, items = test.id2token("user_id", batch["user_id"]), test.id2token("item_id", batch["item_id"])
    with torch.no_grad():
        found = model.eval().predict(batch).tolist()
    return dict(zip(zip(users, items, strict=True), found, strict=True))


def test_the_loss_is_that_of_biases_without_the_own_rating(splits):
    config, datasets = splits(**{"reccot.bias_l2": 2.0})
    model, batch = RecCoT(config, datasets[0]).eval(), batch_of(datasets[0])
    model.summary_weights.zero_()
    reviews = datasets[0].train_reviews()
    users, items = (datasets[0].rows_by_id(side)[ids] for side, ids in _ids(reviews))
    total = 0.0
    for row in range(len(reviews)):
        rest = np.arange(len(reviews)) != row
        centred = reviews.ratings - reviews.ratings.mean()
        mine, its = rest & (users == users[row]), rest & (items == items[row])
        user = (centred - model.item_bias.numpy()[items])[mine].sum() / (mine.sum() + 2)
        item = (centred - model.user_bias.numpy()[users])[its].sum() / (its.sum() + 2)
        total += (centred[row] - user - item) ** 2
    expected = total / len(reviews) / reviews.ratings.var()
    assert float(model.calculate_loss(batch)) == pytest.approx(expected, rel=1e-4)


def _ids(reviews):
    return (("user", reviews.user_ids), ("item", reviews.item_ids))


def test_ids_alone_read_no_vectors(splits, model_of):
    config, datasets = splits(**{"reccot.use": "ids"})
    for dataset in datasets:
        dataset.review_vectors = None
    model = model_of(config, datasets[0])
    batch = batch_of(datasets[2])
    empty = torch.zeros_like(batch[USER_REVIEWS])
    assert torch.equal(model.rate(batch), model.rate(changed(batch, **{USER_REVIEWS: empty, ITEM_REVIEWS: empty})))


def test_an_item_nobody_has_rated_in_training_has_no_bias_and_a_zero_vector(splits, model_of):
    late = [("u0", "new", 5.0, "late", 10**9)]
    config, datasets = splits(rated_rows() + late)
    model, test = model_of(config, datasets[0]), datasets[2]
    row = [k for k, item in enumerate(test.id2token("item_id", test.inter_feat["item_id"])) if item == "new"]
    batch = batch_of(test, row)
    number = model.item_rows[batch["item_id"]]
    assert number.tolist() == [0]
    assert float(model.item_bias[0]) == 0
    assert not model.item_embedding(number).any()
    assert not batch[ITEM_REVIEWS].any()
    assert model.rate(batch).isfinite().all()


def test_the_contrast_pulls_what_is_said_to_the_own_id(splits):
    config, datasets = splits(**{"reccot.contrast": 0.5})
    batch = batch_of(datasets[0])
    torch.manual_seed(0)
    model = RecCoT(config, datasets[0]).eval()
    with_contrast = float(model.calculate_loss(batch))
    model.contrast = 0.0
    alone = float(model.calculate_loss(batch))
    assert with_contrast > alone
    model.contrast = 0.5
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(30):
        optimizer.zero_grad()
        loss = model.calculate_loss(batch)
        loss.backward()
        optimizer.step()
    assert float(loss) < with_contrast - 0.2


def test_masked_and_shuffled_vectors():
    items = np.array([3, 1, 3, 2, 3, 1])
    vectors = np.arange(12, dtype=np.float32).reshape(6, 2)
    assert shown_vectors(vectors, items, RatingSettings(), 0) is vectors
    assert not shown_vectors(vectors, items, RatingSettings(use="masked"), 0).any()
    shuffled = shown_vectors(vectors, items, RatingSettings(shuffled=True), 0)
    for item in (1, 2, 3):
        mine = items == item
        assert sorted(shuffled[mine].tolist()) == sorted(vectors[mine].tolist())
    assert (shuffled != vectors).all(axis=1).tolist() == [True, True, True, False, True, True]


def test_a_training_row_reads_vectors_of_its_own_fold_and_a_tested_row_all(splits, model_of):
    config, datasets = splits()
    training = datasets[0]
    folds = np.append(-1, training.review_folds())
    assert set(folds[1:]) == {0, 1}
    rows, tested = batch_of(training), batch_of(datasets[2])
    assert rows["review_fold"].tolist() == folds[1:].tolist()
    assert set(tested["review_fold"].tolist()) == {-1}
    model = model_of(config, training)
    before = model.rate(rows), model.rate(tested)
    model.vectors[torch.from_numpy(folds == 0)] += 1.0
    after = model.rate(rows), model.rate(tested)
    moved = (after[0] != before[0]).numpy()
    there = [_has_review_of(folds, 0, batch) for batch in (rows, tested)]
    assert moved.tolist() == (there[0] & (folds[1:] == 0)).tolist()
    assert moved.any()
    assert (after[1] != before[1]).tolist() == there[1].tolist()


def _has_review_of(folds, fold, batch):
    sides = [(folds[batch[name].numpy()] == fold).any(axis=1) for name in (USER_REVIEWS, ITEM_REVIEWS)]
    return sides[0] | sides[1]
