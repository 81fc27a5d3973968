"""Settings that name columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from tests.conftest import AtomicDataset

INTER = ["user_id", "item_id", "timestamp"]


@pytest.fixture
def rich(toy: AtomicDataset) -> AtomicDataset:
    toy.write(
        "item", "item_id:token genre:token price:float vector:float_seq",
        [(f"i{k}", "Drama", k, "0.1 0.2") for k in range(25)],
    )  # fmt: skip
    return toy


WITH_ITEMS = {"load_col": {"inter": INTER, "item": ["item_id", "genre", "price", "vector"]}}
FEATURES = {"numerical_features": ["price"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"load_col": {"inter": INTER, "user": ["age"]}}, "load_col.user names a file that does not exist"),
        ({"load_col": {"inter": INTER, "item": ["item_id", "gender"]}}, "load_col.item: .*'gender' .nearest: 'genre'"),
        ({"additional_feat_suffix": ["ent"]}, r"additional_feat_suffix: .*\.ent does not exist"),
        ({"unload_col": {"item": ["cost"]}}, "unload_col.item: there is no column 'cost'"),
        ({"normalize_field": ["price"]}, "normalize_field: column 'price' is in the .item file and is not loaded"),
        (WITH_ITEMS | {"normalize_field": ["genre"]}, "column 'genre' is of type token, and must be of type float"),
        (WITH_ITEMS | {"normalize_field": "price"}, "normalize_field: 'price' cannot be used: it must be a list"),
        (WITH_ITEMS | {"numerical_features": ["cost"]}, "numerical_features: there is no column 'cost'"),
        (WITH_ITEMS | {"alias_of_item_id": ["price"]}, "'price' is of type float, and must be of type token"),
        (WITH_ITEMS | {"preload_weight": {"item_id": "genre"}}, "'genre' is of type token, and must be of type float"),
        (WITH_ITEMS | {"preload_weight": ["item_id"]}, "it must be a mapping from an id column"),
        (WITH_ITEMS | {"seq_len": {"vector": 0}}, "seq_len.vector: 0 cannot be used"),
        (WITH_ITEMS | {"discretization": {"price": {"method": "LD"}}}, "add column 'price' to numerical_features too"),
        (WITH_ITEMS | FEATURES | {"discretization": {"price": {"method": "ED"}}}, "the method is ED, with a number of"),
        (WITH_ITEMS | FEATURES | {"discretization": {"price": {"method": "XD", "bucket": 2}}}, "or LD"),
        (WITH_ITEMS | {"selected_features": ["class"]}, "selected_features: there is no column 'class'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", ["BPR", "CURec"])
def test_columns_that_are_not_there(load: Callable[..., Any], rich: AtomicDataset, model, given, message) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(model, rich, **given)


@pytest.mark.parametrize(
    "given",
    [
        {"load_col": {"inter": "*", "item": "*"}},
        {"load_col": None, "unload_col": {"item": ["price"]}},
        WITH_ITEMS | FEATURES | {"discretization": {"price": {"method": "ED", "bucket": 3}}},
        WITH_ITEMS | {"unused_col": {"inter": ["timestamp", "timestamp_list", "label"]}},
        WITH_ITEMS | {"normalize_field": ["price"], "preload_weight": {"item_id": "vector"}, "seq_len": {"vector": 2}},
    ],
)
def test_columns_that_are(load: Callable[..., Any], rich: AtomicDataset, given: dict[str, Any]) -> None:
    assert load("BPR", rich, **given)["model"] == "BPR"
