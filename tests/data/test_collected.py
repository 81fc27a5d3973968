from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from recbole_curec.data.collected import Collected
from recbole_curec.settings.sections import CollectSettings
from tests.examples import make_catalog, make_history

CATALOG = make_catalog(
    {"a": ("Alpha", ("x", "y")), "b": ("Beta", ("x",)), "c": ("item c", ()), "z": ("Never taken", ("y",))}
)
SEQUENCES = {"u1": ["a", "c", "b"], "u10": ["c", "a"], "u2": ["b", "a"]}


@pytest.fixture
def collected() -> Collected:
    history = make_history(SEQUENCES, CATALOG.tokens)
    return Collected(CATALOG, history)


def test_save_and_load_give_the_same_back(collected: Collected, tmp_path: Path) -> None:
    collected.save(tmp_path)
    loaded = Collected.load(tmp_path)
    assert loaded.catalog == collected.catalog
    for name in ("indptr", "items", "user_tokens", "item_tokens"):
        assert np.array_equal(getattr(loaded.history, name), getattr(collected.history, name)), name
    assert loaded.pairs.of(1, np.array([1, 2, 3, 4])).tolist() == [3, 2, 2, 0]
    settings = CollectSettings()
    assert loaded.builder(settings).build(1, 2, 2) == collected.builder(settings).build(1, 2, 2)


def test_an_artifact_that_holds_the_table_of_all_pairs_is_read(collected: Collected, tmp_path: Path) -> None:
    """As version 0.1 wrote it: its counts are not needed, and made anew."""
    collected.save(tmp_path)
    path = tmp_path / "training.safetensors"
    save_file({**load_file(path), "pair_data": np.ones(3, dtype=np.int32)}, path)
    assert Collected.load(tmp_path).history.items.tolist() == collected.history.items.tolist()


def test_terms_come_by_frequency(collected: Collected) -> None:
    # x: on 3 + 2 rows. Then 3 each, then 2 each; ties in alphabetical order. The item nobody took is no term.
    assert collected.terms() == ["x", '"Alpha"', "y", '"Beta"', '"item c"']
