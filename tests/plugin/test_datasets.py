import copy
import warnings

import numpy as np
import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.data.dataset import Dataset, SequentialDataset
from recbole.data.interaction import Interaction

from recbole_curec.errors import DataError
from recbole_curec.plugin.datasets import CURecDataset, CURecGeneralDataset
from tests.conftest import TODAY, random_features, random_rows

LS = {"LS": "valid_and_test"}
SPLITS = [
    ({"split": LS, "order": "TO"}, {}),
    ({"split": {"LS": "valid_only"}, "order": "TO"}, {}),
    ({"split": {"LS": "test_only"}, "order": "TO"}, {}),
    ({"split": {"RS": [0.8, 0.1, 0.1]}, "order": "TO", "group_by": "user"}, {}),
    ({"split": {"RS": [0.7, 0.2, 0.1]}, "order": "TO", "group_by": None}, {}),
    ({"split": {"TS": [0.8, 0.1, 0.1]}, "order": "TO"}, {}),
    ({"split": LS, "order": "TO"}, {"user_inter_num_interval": "[5,inf)", "item_inter_num_interval": "[4,inf)"}),
    ({"split": LS, "order": "TO"}, {"rm_dup_inter": "last", "val_interval": {"rating": "[2,5]"}}),
    ({"split": LS, "order": "TO"}, {"normalize_all": True, "unused_col": {"inter": ["rating", "rating_list"]}}),
    ({"split": LS, "order": "TO"}, {"numerical_features": ["rating"]}),
    ({"split": LS, "order": "TO"}, {"MAX_ITEM_LIST_LENGTH": 1}),
]


@pytest.fixture
def rich(atomic):
    rng = np.random.default_rng(1)
    rows = [
        (*row[:2], int(rng.integers(1, 6)), " ".join(f"t{k}" for k in range(rng.integers(0, 4))), row[2])
        for row in random_rows()
    ]
    rows += [(*rows[k][:4], 10**6 + k * 1000) for k in range(12)]  # repeated pairs
    header = "user_id:token item_id:token rating:float tags:token_seq timestamp:float"
    atomic.write("inter", header, rows)
    atomic.write("item", "item_id:token genre:token", [(f"i{k}", f"g{k % 3}") for k in range(25)])
    return atomic


def build(dataset_class, config):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dataset_class(config).build()


@pytest.mark.parametrize(("eval_args", "overrides"), SPLITS)
def test_every_row_equals_recboles(load, rich, eval_args, overrides):
    # unchecked: a run needs three parts, and the dataset makes whatever RecBole's does
    config = load("CURec", rich, check=False, eval_args=eval_args, load_col=None, **overrides)
    theirs, ours = build(SequentialDataset, copy.deepcopy(config)), build(CURecDataset, config)
    compared = 0
    for expected, actual in zip(theirs, ours, strict=True):
        assert len(actual) == len(expected)
        assert actual.field2type == expected.field2type
        if not len(expected):
            continue
        index = np.arange(len(expected))
        want, got = expected[index].interaction, actual[index].interaction
        assert set(got) == set(want)
        for name in want:
            assert got[name].dtype == want[name].dtype, name
            assert torch.equal(got[name], want[name]), name
            if name in expected.inter_feat:
                assert torch.equal(actual.inter_feat[name], want[name]), name
        compared += len(index)
    assert compared > 50


@pytest.mark.parametrize("value_field", [None, "rating"])
def test_inter_matrix_equals_recboles(load, rich, value_field):
    config = load("CURec", rich, load_col=None)
    theirs, ours = build(SequentialDataset, copy.deepcopy(config)), build(CURecDataset, config)
    for expected, actual in zip(theirs, ours, strict=True):
        want, got = (split.inter_matrix("csr", value_field).toarray() for split in (expected, actual))
        assert np.array_equal(got, want)


@pytest.mark.parametrize("index", [3, slice(2, 5), [4, 1], np.array([4, 1]), torch.tensor([0]), []])
def test_any_index(load, toy, index):
    config = load("CURec", toy)
    theirs, ours = build(SequentialDataset, copy.deepcopy(config))[0], build(CURecDataset, config)[0]
    if isinstance(index, list) and not index:
        assert len(ours[index]["item_id_list"]) == 0
        return
    want, got = theirs[index], ours[index]
    assert isinstance(got, Interaction)
    assert all(torch.equal(got[name], want[name]) for name in want.columns)


def test_no_prefix_table_is_kept(load, toy):
    train = build(CURecDataset, load("CURec", toy, MAX_ITEM_LIST_LENGTH=50))[0]
    assert all(column.dim() == 1 for column in train.inter_feat.interaction.values())
    copied = copy.deepcopy(train.inter_feat)
    assert copied.flat is train.inter_feat.flat
    copied.shuffle()
    order = {int(k): row for row, k in enumerate(copied.flat_index)}
    row = order[int(train.inter_feat.flat_index[7])]
    assert torch.equal(copied["item_id_list"][row], train.inter_feat["item_id_list"][7])


def tokens(dataset, field, ids):
    return list(dataset.field2id_token[field][np.asarray(ids)])


def last_items(dataset):
    users = tokens(dataset, "user_id", dataset.inter_feat["user_id"])
    return dict(zip(users, tokens(dataset, "item_id", dataset.inter_feat["item_id"]), strict=True))


@pytest.fixture
def close_events(atomic):
    """Every user takes i0..i9 one second apart, at today's epoch; the file lists them backwards."""
    rows = [(f"u{u}", f"i{k}", TODAY + 37 * u + k) for u in range(20) for k in range(10)]
    atomic.interactions(rows[::-1])
    return atomic


def test_events_one_second_apart_keep_their_order(load, close_events):
    config = load("CURec", close_events)
    theirs = build(SequentialDataset, copy.deepcopy(config))
    train, valid, test = build(CURecDataset, config)
    assert set(last_items(test).values()) == {"i9"}
    assert set(last_items(valid).values()) == {"i8"}
    history = train.train_history()
    for user in range(1, history.n_users):
        assert tokens(train, "item_id", history.of_user(user)) == [f"i{k}" for k in range(8)]
    assert set(last_items(theirs[2]).values()) != {"i9"}  # the trap is real


def test_ties_keep_file_order(load, atomic):
    # Day resolution: items of a user share a time; ids are such that neither item order nor user order can help.
    rows = [(f"u{u}", f"i{(k * 7 + u) % 12}", TODAY - TODAY % 86400) for k in range(12) for u in range(15)]
    atomic.interactions(rows)
    _, valid, test = build(CURecDataset, load("CURec", atomic))
    assert last_items(test) == {f"u{u}": f"i{(11 * 7 + u) % 12}" for u in range(15)}
    assert last_items(valid) == {f"u{u}": f"i{(10 * 7 + u) % 12}" for u in range(15)}


def test_general_dataset_orders_exactly(load, close_events):
    config = load("CURecGeneral", close_events, eval_args={"split": LS, "order": "TO"})
    train, _, test = build(CURecGeneralDataset, config)
    assert set(last_items(test).values()) == {"i9"}
    train.inter_feat.shuffle()
    history = train.train_history()
    assert history.n_interactions == 160
    assert tokens(train, "item_id", history.of_user(1)) == [f"i{k}" for k in range(8)]
    assert history.user_tokens[0] == history.item_tokens[0] == "[PAD]"


def test_general_dataset_without_time(load, atomic):
    atomic.write("inter", "user_id:token item_id:token", [("u", f"i{k}") for k in (3, 1, 2, 4, 0, 9, 8, 7, 6, 5)])
    config = load("CURecGeneral", atomic, check=False, eval_args={"split": {"RS": [1, 0, 0]}, "order": "RO"})
    train = build(CURecGeneralDataset, config)[0]
    assert tokens(train, "item_id", train.train_history().of_user(1)) == [
        f"i{k}" for k in (3, 1, 2, 4, 0, 9, 8, 7, 6, 5)
    ]


def test_general_rows_equal_recboles(load, rich):
    config = load("CURecGeneral", rich, load_col=None)
    torch.manual_seed(0)
    theirs = build(Dataset, copy.deepcopy(config))
    torch.manual_seed(0)
    ours = build(CURecGeneralDataset, config)
    for expected, actual in zip(theirs, ours, strict=True):
        want, got = (split[np.arange(len(split))] for split in (expected, actual))
        assert set(got.columns) == set(want.columns)
        assert all(torch.equal(got[name], want[name]) for name in want.columns)


def test_train_history_is_the_training_split_alone(load, toy):
    train, valid, test = build(CURecDataset, load("CURec", toy))
    history = train.train_history()
    counts = np.bincount(
        np.concatenate([split.inter_feat["user_id"].numpy() for split in (valid, test)]), minlength=history.n_users
    )
    flat = train.inter_feat.flat
    everything = np.bincount(flat["user_id"].numpy(), minlength=history.n_users)
    trained = np.bincount(train.inter_feat["user_id"].numpy(), minlength=history.n_users)
    expected = np.where(trained > 0, everything - counts, 0)
    assert np.array_equal(np.diff(history.indptr), expected)
    for user in range(1, history.n_users):
        whole = flat["item_id"][flat["user_id"] == user].tolist()
        assert history.of_user(user).tolist() == whole[: expected[user]]


def test_heldout_rows_cannot_change_the_history(load, atomic):
    rows = [(f"u{u}", f"i{k}", 100 * k) for u in range(6) for k in range(6)]
    atomic.interactions(rows)
    before = build(CURecDataset, load("CURec", atomic))[0].train_history()
    atomic.interactions([(u, "i0" if k >= 400 else i, k) for u, i, k in rows])
    after = build(CURecDataset, load("CURec", atomic))[0].train_history()
    assert np.array_equal(before.items, after.items)
    assert np.array_equal(before.indptr, after.indptr)


def test_users_without_a_training_row_contribute_nothing(load, atomic):
    atomic.interactions([("a", "i1", 1), ("a", "i2", 2), ("a", "i3", 3), ("a", "i4", 4), ("b", "i1", 1)])
    history = build(CURecDataset, load("CURec", atomic))[0].train_history()
    assert np.diff(history.indptr).tolist() == [0, 2, 0]


@pytest.mark.parametrize(("model", "dataset_class"), [("CURec", CURecDataset), ("CURecGeneral", CURecGeneralDataset)])
def test_features_are_made_when_they_are_first_asked_for_and_once(load, toy, fake_pipeline, model, dataset_class):
    train = build(dataset_class, load(model, toy, fusion="init"))[0]
    assert fake_pipeline == [], "building a dataset runs no stage"
    assert train.features.item.shape == (train.item_num, 12)
    assert train.features.user.shape == (train.user_num, 12)
    assert train.features is train.features
    assert len(fake_pipeline) == 1
    assert np.array_equal(fake_pipeline[0].items, train.train_history().items)


def test_features_can_be_given(load, toy, fake_pipeline):
    train = build(CURecDataset, load("CURec", toy, fusion="init"))[0]
    given = random_features(train.item_num, train.user_num, dim=5)
    train.features = given
    assert train.features is given
    assert fake_pipeline == []


def test_fusion_none_needs_no_features(load, toy, fake_pipeline):
    splits = build(CURecGeneralDataset, load("CURecGeneral", toy))
    assert fake_pipeline == []
    assert splits[0].features is None


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral"])
def test_empty_training_split(load, toy, model):
    split = {"split": {"TS": [0.0, 0.5, 0.5]}, "order": "TO"}
    dataset_class = {"CURec": CURecDataset, "CURecGeneral": CURecGeneralDataset}[model]
    with pytest.raises(DataError, match="The training split is empty"):
        build(dataset_class, load(model, toy, check=False, eval_args=split))


@pytest.mark.parametrize("mode", ["full", "uni10"])
@pytest.mark.parametrize("model", ["CURec", "CURecGeneral"])
def test_recboles_loaders_read_our_datasets(load, toy, model, mode):
    order = "TO" if model == "CURec" else "RO"
    split = LS if model == "CURec" else {"RS": [0.8, 0.1, 0.1]}
    config = load(model, toy, eval_args={"split": split, "order": order, "mode": mode, "group_by": "user"})
    train, valid, test = data_preparation(config, create_dataset(config))
    for loader in (train, valid, test):
        batches = list(loader)
        assert sum(len(batch[0]) if isinstance(batch, tuple) else len(batch) for batch in batches) > 0


@pytest.fixture
def rated(atomic):
    """Every user takes i0..i7 in order; user u rates item k with (u + k) % 5 + 1."""
    rows = [(f"u{u}", f"i{k}", (u + k) % 5 + 1, 60 * k + u) for u in range(10) for k in range(8)]
    atomic.write("inter", "user_id:token item_id:token rating:float timestamp:float", rows)
    atomic.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Item {k}") for k in range(8)])
    return atomic


LABELLED = {"load_col": {"inter": ["user_id", "item_id", "rating", "timestamp"]}, "threshold": {"rating": 4}}


@pytest.mark.parametrize(("model", "dataset_class"), [("CURec", CURecDataset), ("CURecGeneral", CURecGeneralDataset)])
def test_interactions_below_the_threshold_are_trained_on_and_not_praised(
    load, rated, fake_pipeline, caplog, model, dataset_class
):
    split = {"split": LS, "order": "TO"}
    plain = build(dataset_class, load(model, rated, eval_args=split))[0]
    with caplog.at_level("INFO"):
        train = build(dataset_class, load(model, rated, eval_args=split, fusion="init", **LABELLED))[0]
    assert train.train_history().digest() == plain.train_history().digest()
    assert plain.praised_history().digest() == plain.train_history().digest()
    praised = train.praised_history()
    for user in range(1, train.user_num):
        (token,) = tokens(train, "user_id", [user])
        liked = [f"i{k}" for k in range(6) if (int(token[1:]) + k) % 5 + 1 >= 4]
        assert tokens(train, "item_id", praised.of_user(user)) == liked
    assert praised.n_interactions == 24
    assert (
        "36 of 60 training interactions are below threshold rating: 4 and are not used for reasons" in caplog.messages
    )
    _ = train.features
    assert fake_pipeline[0].digest() == praised.digest()


def test_a_column_of_labels_counts_as_a_threshold(load, atomic, caplog):
    atomic.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Item {k}") for k in range(6)])
    rows = [(f"u{u}", f"i{k}", float(k != u), 60 * k) for u in range(6) for k in range(6)]
    atomic.write("inter", "user_id:token item_id:token label:float timestamp:float", rows)
    with caplog.at_level("INFO"):
        train = build(CURecDataset, load("CURec", atomic, fusion="init", load_col=None))[0]
    assert train.train_history().n_interactions == 24
    assert train.praised_history().n_interactions == 20
    assert "4 of 24 training interactions have label 0 and are not used for reasons" in caplog.messages
    ratings = [(user, item, 3 * label, time) for user, item, label, time in rows]
    atomic.write("inter", "user_id:token item_id:token label:float timestamp:float", ratings)
    train = build(CURecDataset, load("CURec", atomic, fusion="init", load_col=None))[0]
    assert train.praised_history().n_interactions == 24, "ratings are no labels"


def test_a_training_split_without_praise_is_an_error(load, atomic):
    atomic.write("item", "item_id:token title:token_seq", [("i0", "Item 0")])
    rows = [(f"u{u}", f"i{k}", 5 if k == 5 else 1, 60 * k) for u in range(6) for k in range(6)]
    atomic.write("inter", "user_id:token item_id:token rating:float timestamp:float", rows)
    with pytest.raises(
        DataError, match=r"Every training interaction has label 0, .*lower threshold \(now \{'rating': 4\}"
    ):
        build(CURecDataset, load("CURec", atomic, fusion="init", **LABELLED))
    assert len(build(CURecDataset, load("CURec", atomic, **LABELLED))[0])
