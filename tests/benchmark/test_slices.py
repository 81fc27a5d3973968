from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from recbole.data import create_dataset

from recbole_curec.benchmark.slices import item_slices, training_counts
from tests.conftest import AtomicDataset


def test_head_is_the_most_popular_fifth_of_the_trained_items() -> None:
    #                 padding
    counts = np.array([0, 5, 9, 1, 9, 0, 2, 9, 3, 1, 1, 2])
    tokens = np.array(["[PAD]", *"kjihgfedcba"])
    slices = item_slices(counts, tokens)
    # Ten trained items, so two in the head; three have nine interactions, and j (2), h (4), e (7) go by id: e, h.
    assert np.flatnonzero(slices == "head").tolist() == [4, 7]
    assert np.flatnonzero(slices == "cold").tolist() == [0, 5]
    assert (slices == "tail").sum() == 8


def test_counts_are_those_of_the_training_rows_for_every_kind_of_dataset(
    load: Callable[..., Any], toy: AtomicDataset
) -> None:
    lines = [line.split("\t") for line in (toy.root / "toy" / "toy.inter").read_text().splitlines()[1:]]
    by_user: dict[str, list[tuple[float, str]]] = {}
    for user, item, time in lines:
        by_user.setdefault(user, []).append((float(time), item))
    expected: dict[str, int] = {}
    for taken in by_user.values():
        for _, item in sorted(taken)[:-2]:
            expected[item] = expected.get(item, 0) + 1
    wide = {"MAX_ITEM_LIST_LENGTH": 20}  # the first item of a user is in the lists whatever their width
    leave_one_out = {"eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO"}}
    found = {}
    for model, given in (
        ("CURec", {}),
        ("SASRec", {}),
        ("SASRec", wide),
        ("CURecGeneral", leave_one_out),
        ("BPR", leave_one_out),
    ):
        train = create_dataset(load(model, toy, **given)).build()[0]
        counts = training_counts(train)
        tokens = train.field2id_token["item_id"]
        found[model] = {str(token): int(count) for token, count in zip(tokens, counts, strict=True) if count}
    assert found["CURec"] == found["SASRec"]
    assert found["CURecGeneral"] == found["BPR"] == expected
    # Of three interactions a sequential model has two targets: one to train on and one to test, none to validate.
    short = sum(len(taken) == 3 for taken in by_user.values())
    assert short > 0
    assert sum(found["CURec"].values()) == sum(expected.values()) + short
