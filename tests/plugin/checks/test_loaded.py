"""What is found when the data are loaded, before a stage begins."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.trained_model import split_data
from tests.conftest import AtomicDataset

PAIRS = [(f"u{user}", f"i{item}", 10 * item + user) for user in range(5) for item in (user % 4, user % 4 + 1)]


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral", "SASRec", "BPR"])
def test_a_cut_off_above_the_catalogue_stops_before_the_stages(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any], model: str
) -> None:
    given = {"topk": [5, 26], "valid_metric": "NDCG@5", "fusion": "init"}
    with pytest.raises(ConfigurationError, match=r"26 is more than the 25 items of .*: set topk to at most 25"):
        split_data(load(model, toy, **given))
    assert fake_pipeline == []


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral", "SASRec", "BPR"])
def test_an_empty_split_stops_before_the_stages(
    load: Callable[..., Any], atomic: AtomicDataset, fake_pipeline: list[Any], model: str
) -> None:
    atomic.interactions(PAIRS)
    atomic.write("item", "item_id:token title:token_seq", [(f"i{item}", f"Story {item}") for item in range(5)])
    given = {
        "eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "group_by": "user", "mode": "full"},
        "topk": [2], "valid_metric": "NDCG@2", "fusion": "init",
    }  # fmt: skip
    with pytest.raises(DataError, match=r"leaves no interaction for (training|validation)"):
        split_data(load(model, atomic, **given))
    assert fake_pipeline == []


def test_a_direction_that_recbole_ignores_is_told(
    load: Callable[..., Any], toy: AtomicDataset, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    split_data(load("BPR", toy, valid_metric_bigger=False))
    assert (
        "valid_metric_bigger: False is ignored: RecBole knows that of NDCG@10 a larger value is better" in caplog.text
    )
    caplog.clear()
    split_data(load("BPR", toy, valid_metric_bigger=True))
    assert "valid_metric_bigger" not in caplog.text
