"""Settings that filter and label, checked when a config is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import CURecError
from recbole_curec.plugin.config import load_config
from tests.atomic_dataset import AtomicDataset


@pytest.fixture
def rated(atomic: AtomicDataset) -> AtomicDataset:
    rows = [(f"u{user}", f"i{item}", item, 60 * item + user) for user in range(10) for item in range(6)]
    atomic.write("inter", "user_id:token item_id:token stars:float timestamp:float", rows)
    atomic.write("item", "item_id:token kind:token", [(f"i{item}", ["even", "odd"][item % 2]) for item in range(6)])
    return atomic


@pytest.fixture
def free(rated: AtomicDataset, tmp_path: Path) -> Callable[..., Any]:
    """A config of the rated data set without a load_col."""

    def build(model: str, **overrides: Any) -> Any:
        given = {"data_path": str(rated.root), "checkpoint_dir": str(tmp_path / "saved"), "fusion": "none"}
        return load_config(model, rated.name, [], given | overrides)

    return build


@pytest.mark.parametrize("model", ["BPR", "SASRec", "CURec"])
def test_columns_that_a_filter_reads_are_loaded(free: Callable[..., Any], model: str) -> None:
    assert "stars" not in free(model)["load_col"]["inter"]
    assert free(model, threshold={"stars": 3})["load_col"]["inter"][-1] == "stars"
    assert free(model, val_interval={"stars": "[3,5]"})["load_col"]["inter"][-1] == "stars"
    assert free(model, val_interval={"kind": ["even"]})["load_col"]["item"] == ["item_id", "kind"]
    assert "item" not in free(model, val_interval={"item_id": ["i1"]})["load_col"]


def test_columns_that_the_user_left_out_are_not(free: Callable[..., Any]) -> None:
    chosen = {"inter": ["user_id", "item_id", "timestamp"]}
    with pytest.raises(
        CURecError, match=r"threshold reads column 'stars', .*add it to load_col.inter \(now \['user_id'"
    ):
        free("CURec", threshold={"stars": 3}, load_col=chosen)
    with pytest.raises(CURecError, match=r"val_interval reads column 'kind', .*load_col.item \(now \[\]\)"):
        free("CURec", val_interval={"kind": ["even"]}, load_col=chosen)
    with pytest.raises(CURecError, match="threshold reads column 'stars', which is not loaded"):
        free("BPR", threshold={"stars": 3}, load_col=None, unload_col={"inter": ["stars"]})
    assert free("BPR", threshold={"stars": 3}, load_col=None)["load_col"] is None
    assert free("BPR", threshold={"stars": 3}, load_col={"inter": "*"})["load_col"] == {"inter": "*"}


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("user_inter_num_interval", 5, "user_inter_num_interval: 5 is not an interval"),
        ("item_inter_num_interval", "5,inf", "item_inter_num_interval: '5,inf' is not an interval"),
        ("entity_kg_num_interval", "[2,1]", "entity_kg_num_interval: '[2,1]' begins at 2"),
        ("relation_kg_num_interval", "", "relation_kg_num_interval: '' is an empty interval"),
        ("val_interval", "[3,5]", "val_interval: [3, 5] cannot be used: write what to keep by column"),
        ("val_interval", ["stars"], "val_interval: ['stars'] cannot be used"),
        ("val_interval", {"rating": "[3,5]"}, "val_interval names 'rating', a column of no file: name one of user_id"),
        ("val_interval", {"stars": "3,5"}, "val_interval of 'stars': '3,5' is not an interval"),
        ("val_interval", {"stars": [3, 4]}, "val_interval of 'stars': [3, 4] is not an interval"),
        (
            "val_interval",
            {"kind": "[1,5]"},
            "val_interval of 'kind': '[1,5]' cannot be used for a column of type token",
        ),
        ("threshold", {"rating": 3}, "threshold names 'rating', which is no column of the interaction file"),
        ("threshold", {"kind": 3}, "threshold names 'kind', which is no column of the interaction file"),
        ("threshold", {"item_id": 3}, "threshold names 'item_id', a column of type token"),
        ("threshold", {"timestamp": 3}, "threshold names 'timestamp', the time field"),
        ("threshold", {"stars": "3"}, "threshold: '3' for 'stars' is no finite number"),
        ("threshold", {"stars": 3, "timestamp": 1}, "cannot be used: write one column and one number"),
    ],
)
@pytest.mark.parametrize("model", ["BPR", "CURec"])
def test_what_recbole_would_ignore_is_one_sentence(
    free: Callable[..., Any], model: str, setting: str, value: Any, words: str
) -> None:
    with pytest.raises(CURecError) as caught:
        free(model, **{setting: value})
    assert words in str(caught.value)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_labels_do_not_overwrite_a_column(free: Callable[..., Any]) -> None:
    with pytest.raises(CURecError, match="LABEL_FIELD: 'timestamp' is a column"):
        free("BPR", threshold={"stars": 3}, LABEL_FIELD="timestamp")
    assert free("BPR", threshold={"stars": 3}, LABEL_FIELD="stars")["LABEL_FIELD"] == "stars"


def test_files_that_are_split_already_are_not_filtered(free: Callable[..., Any], rated: AtomicDataset) -> None:
    content = (rated.root / "toy" / "toy.inter").read_bytes()
    for part in "abc":
        (rated.root / "toy" / f"toy.{part}.inter").write_bytes(content)
    parts = {"benchmark_filename": ["a", "b", "c"]}
    assert free("BPR", **parts, user_inter_num_interval="[0,inf)")["benchmark_filename"] == ["a", "b", "c"]
    for setting, value in (("val_interval", {"stars": "[1,2]"}), ("rm_dup_inter", "first"),
                           ("user_inter_num_interval", "[5,inf)")):  # fmt: skip
        with pytest.raises(CURecError, match=f"{setting}: .* cannot be used with benchmark_filename"):
            free("BPR", **parts, **{setting: value})
