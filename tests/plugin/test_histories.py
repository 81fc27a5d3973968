"""Everything that is known of every user, whatever split it is in and whoever split it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from recbole.data import create_dataset

from recbole_curec.plugin.histories import Histories, known_histories
from tests.atomic_dataset import AtomicDataset
from tests.conftest import TODAY, random_rows

LEAVE_ONE_OUT = {"eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO"}}
SPLITS = [
    ("CURec", {}),
    ("CURec", {"MAX_ITEM_LIST_LENGTH": 1}),
    ("CURec", {"eval_args": {"split": {"TS": [0.6, 0.2, 0.2]}, "order": "TO"}}),
    ("CURecGeneral", {}),
    ("CURecGeneral", LEAVE_ONE_OUT),
    ("SASRec", {}),
    ("SASRec", {"MAX_ITEM_LIST_LENGTH": 1}),
    ("SASRec", {"MAX_ITEM_LIST_LENGTH": 50}),
    ("SASRec", {"eval_args": {"split": {"RS": [0.6, 0.2, 0.2]}, "order": "TO", "group_by": "user"}}),
    ("BPR", {}),
    ("BPR", LEAVE_ONE_OUT),
]


def by_token(histories: Histories, dataset: Any) -> dict[str, list[str]]:
    """Original item ids of every user with an interaction."""
    users = histories.users
    return {
        str(dataset.id2token("user_id", user)): dataset.id2token("item_id", histories.of_user(user)).tolist()
        for user in users.tolist()
    }


@pytest.mark.parametrize(("model", "given"), SPLITS)
def test_every_split_adds_to_one_history_in_order(
    load: Callable[..., Any], toy: AtomicDataset, model: str, given: dict[str, Any]
) -> None:
    expected: dict[str, list[str]] = {}
    for user, item, _ in sorted(random_rows(), key=lambda row: row[2]):
        expected.setdefault(user, []).append(item)
    splits = create_dataset(load(model, toy, **given)).build()
    assert by_token(known_histories(splits), splits[0]) == expected


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral"])
def test_events_one_second_apart_keep_their_order(load: Callable[..., Any], atomic: AtomicDataset, model: str) -> None:
    rows = [(f"u{u}", f"i{(3 * k + u) % 10}", TODAY + 37 * u + k) for u in range(9) for k in range(10)]
    atomic.interactions(rows[::-1])
    splits = create_dataset(load(model, atomic, **LEAVE_ONE_OUT)).build()
    expected = {f"u{u}": [f"i{(3 * k + u) % 10}" for k in range(10)] for u in range(9)}
    assert by_token(known_histories(splits), splits[0]) == expected


def test_general_data_without_times_keep_the_order_of_the_file(load: Callable[..., Any], atomic: AtomicDataset) -> None:
    order = (3, 1, 2, 4, 0, 9, 8, 7, 6, 5)
    atomic.write("inter", "user_id:token item_id:token", [(user, f"i{k}") for k in order for user in ("a", "b")])
    splits = create_dataset(load("CURecGeneral", atomic, load_col={"inter": ["user_id", "item_id"]})).build()
    found = by_token(known_histories(splits), splits[0])
    assert found == {user: [f"i{k}" for k in order] for user in ("a", "b")}


def test_a_single_interaction_is_known_to_our_models(load: Callable[..., Any], atomic: AtomicDataset) -> None:
    atomic.interactions([*(("a", f"i{k}", k) for k in range(4)), ("b", "i1", 9)])
    splits = create_dataset(load("CURec", atomic)).build()
    assert by_token(known_histories(splits), splits[0])["b"] == ["i1"]
