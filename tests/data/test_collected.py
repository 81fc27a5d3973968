from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import cooccurrence
from recbole_curec.settings.sections import CollectSettings
from tests.examples import make_catalog, make_history

CATALOG = make_catalog(
    {"a": ("Alpha", ("x", "y")), "b": ("Beta", ("x",)), "c": ("item c", ()), "z": ("Never taken", ("y",))}
)
SEQUENCES = {"u1": ["a", "c", "b"], "u10": ["c", "a"], "u2": ["b", "a"]}


@pytest.fixture
def collected() -> Collected:
    history = make_history(SEQUENCES, CATALOG.tokens)
    return Collected(CATALOG, history, cooccurrence(history))


def test_save_and_load_give_the_same_back(collected: Collected, tmp_path: Path) -> None:
    collected.save(tmp_path)
    loaded = Collected.load(tmp_path)
    assert loaded.catalog == collected.catalog
    for name in ("indptr", "items", "user_tokens", "item_tokens"):
        assert np.array_equal(getattr(loaded.history, name), getattr(collected.history, name)), name
    assert (loaded.pairs != collected.pairs).nnz == 0
    settings = CollectSettings()
    assert loaded.builder(settings).build(1, 2, 2) == collected.builder(settings).build(1, 2, 2)


def test_terms_come_by_frequency(collected: Collected) -> None:
    # x: on 3 + 2 rows. Then 3 each, then 2 each; ties in alphabetical order. The item nobody took is no term.
    assert collected.terms() == ["x", '"Alpha"', "y", '"Beta"', '"item c"']
