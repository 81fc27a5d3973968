"""A run that is read back gets features of the right size, and no stage is run for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from recbole.data import create_dataset

from recbole_curec.plugin.restored import restore_features, restored_features
from tests.atomic_dataset import AtomicDataset


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral"])
def test_a_restored_run_needs_no_stage(
    load: Callable[..., Any], toy: AtomicDataset, fake_pipeline: list[Any], model: str
) -> None:
    config = load(model, toy, fusion="init")
    train = create_dataset(config).build()[0]
    assert restored_features(config, train.train_history()) is None
    restore_features(config, 5)
    assert train.features.item.shape == (train.item_num, 5)
    assert train.features.user.shape == (train.user_num, 5)
    assert not train.features.item.any()
    assert fake_pipeline == []
