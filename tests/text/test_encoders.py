from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from recbole_curec.text.encoders import LsaEncoder, SentenceEncoder, terms

from recbole_curec.errors import ConfigurationError
from recbole_curec.features.whitening import Whitening

TEXTS = [
    '"Heat" crime',
    '"Fargo" crime snow',
    "animation for children",
    "children and toys",
    "space war",
    "war in space",
]


def test_a_quoted_name_is_a_term_of_its_own_beside_its_words() -> None:
    assert terms('You like "Toy Story".') == ["you", "like", '"toy story"', "toy", "story"]


def test_like_texts_are_nearer_than_unlike_ones() -> None:
    vectors = LsaEncoder.fit(TEXTS, 3, seed=0).encode(["crime in snow", "crime", "children"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_an_unknown_text_is_a_zero_vector() -> None:
    assert not LsaEncoder.fit(TEXTS, 3, seed=0).encode(["zzz"]).any()


def test_lsa_round_trip_is_exact(tmp_path: Path) -> None:
    encoder = LsaEncoder.fit(TEXTS, 3, seed=0)
    encoder.save(tmp_path)
    assert np.array_equal(encoder.encode(TEXTS), LsaEncoder.load(tmp_path).encode(TEXTS))


def test_a_missing_sentence_encoder_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="text_encoder="):
        SentenceEncoder(str(tmp_path / "nothing"), torch.device("cpu"))


def test_whitened_vectors_are_uncorrelated_with_unit_variance() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6)) + 3).astype(np.float32)
    whitening = Whitening.fit(vectors, 4)
    white = (vectors - whitening.mean) @ whitening.projection
    assert np.allclose(np.cov(white.T, bias=True), np.eye(4), atol=1e-3)
    assert np.linalg.norm(whitening.apply(vectors), axis=1) == pytest.approx(np.ones(500), abs=1e-5)


def test_whitening_keeps_no_more_directions_than_there_are() -> None:
    line = np.outer(np.arange(10.0), [1.0, 2.0, 3.0]).astype(np.float32)
    assert Whitening.fit(line, 3).projection.shape == (3, 1)
