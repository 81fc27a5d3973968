"""Review vectors come back from their files, and are found by user and item."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recbole_curec.reviews.vectors import VECTORS, ReviewVectors


def vectors() -> ReviewVectors:
    return ReviewVectors(
        users=np.array(["a", "a", "b"]),
        items=np.array(["x", "y", "x"]),
        vectors=np.arange(6, dtype=np.float32).reshape(3, 2),
        predicted=np.array([1.5, 4.0, 3.0], dtype=np.float32),
    )


def test_they_come_back_from_their_files(tmp_path: Path) -> None:
    made = vectors()
    made.save(tmp_path)
    read = ReviewVectors.load(tmp_path)
    for name in ("users", "items", "vectors", "predicted"):
        assert getattr(read, name).tolist() == getattr(made, name).tolist()
        assert getattr(read, name).dtype.kind == getattr(made, name).dtype.kind
    assert (len(read), read.dim) == (3, 2)


def test_they_are_mapped_and_not_copied(tmp_path: Path) -> None:
    vectors().save(tmp_path)
    read = ReviewVectors.load(tmp_path)
    file = (tmp_path / VECTORS).resolve()
    assert str(file) in Path("/proc/self/maps").read_text()
    assert read.vectors[2].tolist() == [4.0, 5.0]


def test_pairs_are_looked_up_by_original_ids() -> None:
    found = vectors().lookup(np.array(["b", "a", "b", "c"]), np.array(["x", "y", "y", "x"]))
    assert found.tolist() == [2, 1, -1, -1]
    assert found.dtype == np.int64
    assert vectors().lookup(np.array([], dtype=str), np.array([], dtype=str)).tolist() == []
