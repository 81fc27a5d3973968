"""Cosine between explanation and reference in the space of a sentence encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score, referenced
from recbole_curec.reviews.encoder.pretrained import MINILM, packaged_minilm
from recbole_curec.suggestions import did_you_mean
from recbole_curec.text.lsa import LsaEncoder
from recbole_curec.text.sentence_transformers import SentenceEncoder

LSA = "lsa"
# Directions of latent semantic analysis.
_LSA_DIM = 128
_FEWEST_REFERENCES = 3
_NOTHING = 1e-8


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""


class Cosine(Metric):
    """Cosine between explanation and reference, -1 to 1; the best reference counts.

    Args:
        encoder: The encoder.
    """

    group: ClassVar[Group] = "similarity"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType({"cosine": "cosine"})

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._latest: tuple[tuple[tuple[str, ...], ...], NDArray[np.float32]] | None = None

    def measure(self, sample: Sample) -> dict[str, Score]:
        """The mean over the explanations; a text without a vector has 0."""
        references = referenced(sample)
        if self._latest is None or self._latest[0] != references:  # several sets have the same references
            self._latest = (references, self._unit(list(chain.from_iterable(references))))
        owners = np.repeat(np.arange(len(references)), [len(texts) for texts in references])
        texts = self._unit(sample.texts)
        cosines = np.einsum("nd,nd->n", texts[owners], self._latest[1])
        best = np.full(len(references), -np.inf)
        np.maximum.at(best, owners, cosines)
        return {"cosine": Score.mean(best)}

    def _unit(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._encoder.encode(texts)
        unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _NOTHING)
        return unit


def check_encoder(name: str) -> None:
    """Check that an encoder can be had, before anything is read.

    Raises:
        ConfigurationError: It is none, or its package is missing.
    """
    if name not in (LSA, MINILM) and not Path(name).expanduser().is_dir():
        raise ConfigurationError(
            f"encoder={name!r} is no folder{did_you_mean(name, [LSA, MINILM])}: give 'lsa', 'minilm', or the folder of "
            "a sentence-transformers model."
        )
    if name == MINILM:
        _minilm()


def load_encoder(name: str, references: Sequence[str], seed: int) -> Encoder:
    """An encoder by name.

    Args:
        name: ``lsa``, which is fitted on the references alone, so that a set's score does not depend on the other sets;
            ``minilm``; or the folder of a sentence-transformers model. No network is asked.
        references: All reference texts.
        seed: Seed of what is fitted.

    Raises:
        ConfigurationError: It cannot be loaded.
        DataError: There are too few references to fit it on.
    """
    check_encoder(name)
    if name == LSA:
        if len(set(references)) < _FEWEST_REFERENCES:
            raise DataError(
                f"encoder='lsa' is fitted on the references, and {len(set(references))} different ones are too few: "
                "give encoder='minilm', or more references."
            )
        return LsaEncoder.fit(references, _LSA_DIM, seed)
    folder = str(_minilm() if name == MINILM else Path(name).expanduser())
    return SentenceEncoder(folder, torch.device("cuda" if torch.cuda.is_available() else "cpu"), "encoder")


def _minilm() -> Path:
    return packaged_minilm("encoder='minilm'", "use 'lsa'")
