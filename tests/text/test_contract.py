"""What every text encoder promises, checked on each that is installed and on one of a user's own."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENCODERS
from recbole_curec.features.store import FeatureStore
from recbole_curec.settings.choices import SENTENCE_TRANSFORMERS
from recbole_curec.settings.settings import Settings
from recbole_curec.text.encoder import TextEncoder
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import write_topics
from tests.sentences import is_one_sentence
from tests.stage_runs import run_until
from tests.text.requests import TEXTS, request_for
from tests.tiny_llm import save_llm

OWN = "tests.text.own:Letters"
OURS = ENCODERS.entries()
ENTRIES = {**OURS, OWN: ENCODERS.find(OWN)}


@pytest.fixture(scope="module")
def language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llm(tmp_path_factory.mktemp("llm"))


@pytest.fixture(params=ENTRIES)
def prepared(request: pytest.FixtureRequest, language_model: Path, tmp_path: Path) -> Callable[..., TextEncoder]:
    """Prepares an encoder, every time in a folder of its own; skipped where its packages are not installed."""
    entry, name = ENTRIES[request.param], request.param
    if name == SENTENCE_TRANSFORMERS:
        name = str(request.getfixturevalue("minilm"))
    folders = iter(range(100))

    def prepare(**more: Any) -> TextEncoder:
        read = language_model if entry.reads_language_model else None
        asked = request_for(name, tmp_path / str(next(folders)), read, **more)
        entry.check(asked.settings)
        encoder: TextEncoder = entry.prepare(asked)
        return encoder

    return prepare


def test_ours_are_found() -> None:
    assert {"lsa", "llm", SENTENCE_TRANSFORMERS} <= set(OURS)


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_a_text_encoder_under_its_name(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.name == (name if name in OURS else "letters")
    assert issubclass(entry, TextEncoder)
    assert not inspect.isabstract(entry)
    methods = ("prepare", "check", "contents")
    assert all(isinstance(inspect.getattr_static(entry, method), classmethod) for method in methods)
    assert all(group.section for group in entry.settings_groups)
    assert entry.revision >= 1


@pytest.mark.parametrize("name", ENTRIES)
def test_a_check_passes_or_says_one_sentence(name: str) -> None:
    settings = Settings.from_mapping({"encode.text_encoder": name})
    try:
        ENTRIES[name].check(settings)
    except ConfigurationError as error:
        assert name == SENTENCE_TRANSFORMERS  # that name alone says no model
        assert is_one_sentence(error), error
    else:
        assert name != SENTENCE_TRANSFORMERS
        json.dumps(ENTRIES[name].contents(settings))  # part of a fingerprint


def test_one_finite_vector_per_text(prepared: Callable[..., TextEncoder]) -> None:
    vectors = prepared().encode(TEXTS)
    assert vectors.ndim == 2
    assert vectors.shape[0] == len(TEXTS)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=1).min() > 0
    assert len(np.unique(vectors.round(4), axis=0)) > 3  # texts of the same words may share a vector


def test_encoding_is_deterministic(prepared: Callable[..., TextEncoder]) -> None:
    first, again = prepared().encode(TEXTS), prepared().encode(TEXTS)
    assert np.array_equal(first, again)


def test_a_text_keeps_its_vector_wherever_it_stands(prepared: Callable[..., TextEncoder]) -> None:
    encoder = prepared()
    vectors = encoder.encode(TEXTS)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1]), vectors[::-1], atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[:1]), vectors[:1], atol=1e-5)


def test_texts_that_were_not_seen_are_encoded_too(prepared: Callable[..., TextEncoder]) -> None:
    encoder = prepared(texts=TEXTS[:5])
    vectors = encoder.encode(["war and snow", "", "\u5343\u3068\u5343\u5c0b \x00 </s>"])
    assert vectors.shape == (3, encoder.encode(TEXTS).shape[1])
    assert np.isfinite(vectors).all()


def test_a_run_encodes_with_ones_own_encoder(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    given = {"encode.text_encoder": OWN, "encode.reason_source": "none"}
    plain = run_until("encode", atomic, tmp_path, **given)["encode"]
    heavy = run_until("encode", atomic, tmp_path, **given, **{"letters.worth": 2.0})["encode"]
    lsa = run_until("encode", atomic, tmp_path, **given | {"encode.text_encoder": "lsa"})["encode"]
    assert len({artifact.key for artifact in (plain, heavy, lsa)}) == 3
    counted, doubled, other = (FeatureStore.load(artifact.folder).item for artifact in (plain, heavy, lsa))
    np.testing.assert_allclose(counted @ counted.T, doubled @ doubled.T, atol=1e-2)  # what whitening leaves of a weight
    assert np.abs(counted @ counted.T - other @ other.T).max() > 0.1
