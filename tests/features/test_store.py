from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recbole_curec.features import store
from recbole_curec.features.store import FeatureStore


def _store() -> FeatureStore:
    return FeatureStore(
        item_tokens=["a", "b", "c"],
        item=np.arange(6, dtype=np.float32).reshape(3, 2),
        user_tokens=["u"],
        user=np.ones((1, 2), dtype=np.float32),
        item_text=np.full((3, 2), 0.5, dtype=np.float32),
        user_text=np.zeros((1, 2), dtype=np.float32),
    )


def test_vectors_are_joined_by_original_id_and_unknown_ids_are_zero() -> None:
    features = _store().for_ids(np.array(["[PAD]", "c", "new", "a"]), np.array(["[PAD]", "v", "u"]))
    assert features.item.tolist() == [[0, 0], [4, 5], [0, 0], [0, 1]]
    assert features.user.tolist() == [[0, 0], [0, 0], [1, 1]]
    text = _store().text_for_ids(np.array(["[PAD]", "c", "new"]), np.array(["[PAD]", "u"]))
    assert text.item.tolist() == [[0, 0], [0.5, 0.5], [0, 0]]
    assert text.user.tolist() == [[0, 0], [0, 0]]


def test_round_trip(tmp_path: Path) -> None:
    saved = _store()
    saved.save(tmp_path)
    loaded = FeatureStore.load(tmp_path)
    assert loaded.item_tokens == saved.item_tokens
    assert np.array_equal(loaded.item, saved.item)
    assert np.array_equal(loaded.user, saved.user)
    assert np.array_equal(loaded.item_text, saved.item_text)
    assert np.array_equal(loaded.user_text, saved.user_text)
    assert loaded.user_tokens == saved.user_tokens


def test_vectors_are_mapped_and_joined_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items, dim = 50_000, 64
    vectors = np.random.default_rng(0).random((items, dim), dtype=np.float32)
    tokens = [str(k) for k in range(items)]
    users = np.zeros((1, dim), dtype=np.float32)
    FeatureStore(tokens, vectors, ["u"], users, vectors, users).save(tmp_path)
    loaded = FeatureStore.load(tmp_path)
    mapped = Path("/proc/self/maps")
    if mapped.is_file():  # on Linux the kernel says so
        assert str(tmp_path / "features.safetensors") in mapped.read_text()
    monkeypatch.setattr(store, "_ROWS", 1000)
    wanted = np.random.default_rng(1).permutation(items)[:7001]
    features = loaded.for_ids(np.array(["[PAD]", *wanted.astype(str)]), np.array(["[PAD]"]))
    assert np.array_equal(features.item[1:].numpy(), vectors[wanted])
