from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from recbole_curec.features.store import FeatureStore


def _store() -> FeatureStore:
    return FeatureStore(
        item_tokens=["a", "b", "c"], item=np.arange(6, dtype=np.float32).reshape(3, 2),
        user_tokens=["u"], user=np.ones((1, 2), dtype=np.float32),
        interactions=pd.DataFrame({"user": ["u"], "item": ["a"], "position": [0]}),
        interaction=np.zeros((1, 2), dtype=np.float32),
    )  # fmt: skip


def test_vectors_are_joined_by_original_id_and_unknown_ids_are_zero() -> None:
    features = _store().for_ids(np.array(["[PAD]", "c", "new", "a"]), np.array(["[PAD]", "v", "u"]))
    assert features.item.tolist() == [[0, 0], [4, 5], [0, 0], [0, 1]]
    assert features.user.tolist() == [[0, 0], [0, 0], [1, 1]]


def test_round_trip(tmp_path: Path) -> None:
    store = _store()
    store.save(tmp_path)
    loaded = FeatureStore.load(tmp_path)
    assert loaded.item_tokens == store.item_tokens
    assert np.array_equal(loaded.item, store.item)
    assert loaded.interactions.equals(store.interactions)
