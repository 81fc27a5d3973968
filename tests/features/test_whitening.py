"""Whitening of text vectors."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.features import whitening as module
from recbole_curec.features.whitening import Whitening


def _vectors() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(500, 6)) * [9, 5, 3, 1, 0.5, 0.1] + 2).astype(np.float32)


def test_whitened_vectors_are_uncorrelated_and_of_unit_length() -> None:
    vectors = _vectors()
    whitening = Whitening.fit(vectors, 4)
    white = (vectors - whitening.mean) @ whitening.projection
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(4), atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(whitening.apply(vectors), axis=1), 1, atol=1e-5)


def test_no_more_directions_than_the_rank() -> None:
    vectors = _vectors()
    vectors[:, 3:] = vectors[:, :3]
    assert Whitening.fit(vectors, 6).projection.shape == (6, 3)


def test_a_rotation_keeps_inner_products_and_can_choose_directions() -> None:
    vectors = _vectors()
    whitening = Whitening.fit(vectors, 4)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    turned = whitening.rotated(turn.astype(np.float32)).apply(vectors)
    plain = whitening.apply(vectors)
    np.testing.assert_allclose(turned @ turned.T, plain @ plain.T, atol=1e-4)
    chosen = whitening.rotated(np.eye(4, dtype=np.float32)[:, [2]]).apply(vectors)
    np.testing.assert_allclose(chosen[:, 0], np.sign(plain[:, 2]), atol=1e-5)


def test_parts_of_sums_add_up_to_their_whitened_unit_vectors() -> None:
    texts = _vectors()
    told = np.random.default_rng(2).normal(size=texts.shape).astype(np.float32)
    whitening = Whitening.fit(texts + told, 4)
    parts = [whitening.part(texts + told, part, part.mean(axis=0)) for part in (texts, told)]
    np.testing.assert_allclose(parts[0] + parts[1], whitening.apply(texts + told), atol=1e-4)


def test_many_vectors_are_whitened_in_parts_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _vectors()
    vectors[:, 5] = vectors[:, 0]  # one direction less than columns
    whole = Whitening.fit(vectors, 6)
    monkeypatch.setattr(module, "_ROWS", 64)
    parted = Whitening.fit(vectors, 6)
    assert parted.projection.shape == whole.projection.shape == (6, 5)
    np.testing.assert_allclose(parted.projection, whole.projection, rtol=1e-4, atol=1e-6)
    for one, two in (
        (parted.apply(vectors), whole.apply(vectors)),
        (parted.part(vectors, vectors / 2, whole.mean / 2), whole.part(vectors, vectors / 2, whole.mean / 2)),
    ):
        np.testing.assert_allclose(one, two, atol=1e-5)


@pytest.mark.parametrize("rows_at_once", [1 << 17, 64])
def test_only_the_rows_it_is_fitted_on_count(rows_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _vectors()
    rows = np.arange(0, len(vectors), 2)
    monkeypatch.setattr(module, "_ROWS", rows_at_once)
    found, alone = Whitening.fit(vectors, 4, rows), Whitening.fit(vectors[rows], 4)
    np.testing.assert_array_equal(found.mean, alone.mean)
    np.testing.assert_array_equal(found.projection, alone.projection)
    np.testing.assert_allclose(found.mean, vectors[::2].mean(axis=0), rtol=1e-5)
