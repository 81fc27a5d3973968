"""What items are called, where the dataset tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recbole_curec.serving.titles import item_titles
from tests.atomic_dataset import AtomicDataset


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral", "SASRec", "BPR"])
def test_titles_by_original_id(load: Callable[..., Any], toy: AtomicDataset, model: str) -> None:
    titles = item_titles(load(model, toy), None)
    assert titles == {f"i{k}": f"Story {k}" for k in range(25)}


def test_settings_of_the_catalogue_count(load: Callable[..., Any], toy: AtomicDataset) -> None:
    toy.write("item", "item_id:token title:token_seq other:token_seq", [("i1", "One", "Uno due tre")])
    assert item_titles(load("CURec", toy, item_title_field="other", title_words=2), None)["i1"] == "Uno due"


def test_none_where_the_data_tell_none(load: Callable[..., Any], toy: AtomicDataset) -> None:
    config = load("BPR", toy)
    toy.write("item", "item_id:token price:float", [("i1", 3.0)])
    assert item_titles(config, None) == {}
    (toy.root / "toy" / "toy.item").unlink()
    assert item_titles(config, None) == {}
