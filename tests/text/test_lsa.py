from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recbole_curec.text import lsa
from recbole_curec.text.lsa import LsaEncoder, terms
from tests.text.requests import TEXTS, request_for


def test_a_quoted_name_is_a_term_of_its_own_beside_its_words() -> None:
    assert terms('You like "Toy Story".') == ["you", "like", '"toy story"', "toy", "story"]


def test_like_texts_are_nearer_than_unlike_ones() -> None:
    vectors = LsaEncoder.fit(TEXTS, 3, seed=0).encode(["crime in snow", "crime", "children"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_an_unknown_text_is_a_zero_vector() -> None:
    assert not LsaEncoder.fit(TEXTS, 3, seed=0).encode(["zzz"]).any()


def test_no_more_directions_than_the_texts_carry() -> None:
    assert LsaEncoder.fit(TEXTS, 3, seed=0).encode(TEXTS).shape == (len(TEXTS), 3)
    assert LsaEncoder.fit(TEXTS, 100, seed=0).encode(TEXTS).shape == (len(TEXTS), len(TEXTS) - 1)


def test_lsa_round_trip_is_exact(tmp_path: Path) -> None:
    encoder = LsaEncoder.fit(TEXTS, 3, seed=0)
    encoder.save(tmp_path)
    assert np.array_equal(encoder.encode(TEXTS), LsaEncoder.load(tmp_path).encode(TEXTS))


def test_what_a_run_fits_is_in_its_artifact(tmp_path: Path) -> None:
    encoder = LsaEncoder.prepare(request_for("lsa", tmp_path))
    assert np.array_equal(LsaEncoder.load(tmp_path).encode(TEXTS), encoder.encode(TEXTS))


def test_of_many_terms_the_commonest_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["crime snow", "crime snow alpha", "crime snow beta", "crime gamma"]
    monkeypatch.setattr(lsa, "_MOST_TERMS", 2)
    encoder = LsaEncoder.fit(texts, 2, seed=0)
    assert set(encoder.vocabulary) == {"crime", "snow"}
    assert not encoder.encode(["alpha beta gamma"]).any()


def test_of_many_texts_a_random_part_decides_the_directions_and_all_the_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"{one} {two}" for one in ("crime", "snow", "war") for two in ("tale", "story", "diary", "song")]
    whole = LsaEncoder.fit(texts, 4, seed=0)
    monkeypatch.setattr(lsa, "_FITTED_TEXTS", 8)
    part = LsaEncoder.fit(texts, 4, seed=0)
    np.testing.assert_array_equal(part.idf, whole.idf)
    assert part.vocabulary == whole.vocabulary
    drawn = np.sort(np.random.default_rng(0).choice(len(texts), 8, replace=False))
    spanned = whole.weighted([texts[row] for row in drawn]).toarray()
    outside = part.components - part.components @ np.linalg.pinv(spanned) @ spanned
    np.testing.assert_allclose(outside, 0, atol=1e-5)  # they lie in what the drawn texts span
    assert not np.allclose(part.components, whole.components, atol=1e-2)


def test_texts_are_encoded_in_parts_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = LsaEncoder.fit(TEXTS, 3, seed=0)
    whole = encoder.encode(TEXTS)
    monkeypatch.setattr(lsa, "_ROWS", 2)
    np.testing.assert_array_equal(encoder.encode(TEXTS), whole)
    assert encoder.encode([]).shape == (0, 3)
