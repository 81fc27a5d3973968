from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.evaluation.metrics.metric import Sample
from recbole_curec.evaluation.metrics.similarity import Cosine, check_encoder, load_encoder

VECTORS = {"east": (2.0, 0.0), "north": (0.0, 1.0), "north-east": (1.0, 1.0), "west": (-1.0, 0.0), "": (0.0, 0.0)}


class Directions:
    """Vectors that are known."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([VECTORS[text] for text in texts], dtype=np.float32)


def test_the_best_reference_counts() -> None:
    references = (("west", "north-east"), ("north",), ("east",), ("east",))
    found = Cosine(Directions()).measure(Sample(("east", "east", "west", ""), references))["cosine"]
    expected = [np.sqrt(0.5), 0, -1, 0]
    assert found.by_pair == pytest.approx(expected, abs=1e-6)
    assert found.value == pytest.approx(np.mean(expected), abs=1e-6)


def test_lsa_is_fitted_on_the_references_and_finds_the_same_words() -> None:
    references = ["the battery lasts long", "a bright screen", "the sound is clear", "it broke at once"]
    encoder = load_encoder("lsa", references, seed=0)
    same, other = encoder.encode(["Battery lasts", "bright screen"])
    assert float(same @ encoder.encode(references[:1])[0]) > 0.9 > 0.1 > abs(float(other @ same))
    with pytest.raises(DataError, match="2 different ones are too few"):
        load_encoder("lsa", ["a b", "a b", "c d"], seed=0)


def test_what_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"encoder='minilmm' is no folder \(nearest: 'minilm'\): give 'lsa'"):
        check_encoder("minilmm")
    with pytest.raises(ConfigurationError, match=rf"encoder='{tmp_path}' cannot be loaded"):
        load_encoder(str(tmp_path), ["a"], seed=0)
