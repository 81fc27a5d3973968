"""``text_encoder: lsa``: latent semantic analysis, offline and fast."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from recbole_curec.extensions import ENCODERS
from recbole_curec.text.encoder import EncoderRequest, TextEncoder

# Terms that are known, the commonest first, and texts that the directions are fitted on. In a catalogue of a million
# items every name is a term: what is fitted would take memory and time for each, and hardly change the directions.
_MOST_TERMS = 1 << 18
_FITTED_TEXTS = 1 << 17
_ROWS = 1 << 16  # texts encoded at a time

_TERM = re.compile(r'"[^"]+"|[^\W_]+(?:[\'\u2019-][^\W_]+)*')


def terms(text: str) -> list[str]:
    """Words of a text in lower case; a quoted name is one term in addition to its words."""
    found: list[str] = []
    for match in _TERM.findall(text):
        if match.startswith('"'):
            found.append(match.lower())
            found += [word.lower() for word in _TERM.findall(match[1:-1])]
        else:
            found.append(match.lower())
    return found


@ENCODERS.register
class LsaEncoder(TextEncoder):
    """Latent semantic analysis: TF-IDF over words and quoted names, then truncated SVD (Deerwester et al., 1990).

    Attributes:
        vocabulary: Column of every term.
        idf: Inverse document frequencies, shape ``(V,)``.
        components: Right singular vectors, shape ``(D, V)``.
    """

    name: ClassVar[str] = "lsa"
    revision: ClassVar[int] = 2

    def __init__(self, vocabulary: dict[str, int], idf: NDArray[np.float32], components: NDArray[np.float32]) -> None:
        self.vocabulary, self.idf, self.components = vocabulary, idf, components
        self._vectorizer = TfidfVectorizer(analyzer=terms, vocabulary=vocabulary, sublinear_tf=True, dtype=np.float32)
        self._vectorizer.idf_ = idf

    @classmethod
    def prepare(cls, request: EncoderRequest) -> LsaEncoder:
        """Fit on the texts of the run, and save."""
        encoder = cls.fit(request.texts, request.dim, request.seed)
        encoder.save(request.folder)
        return encoder

    @classmethod
    def fit(cls, texts: Sequence[str], dim: int, seed: int) -> LsaEncoder:
        """Fit on texts; the dimension is limited by the numbers of texts and terms.

        Of more than 262,144 terms the commonest are known, and of more than 131,072 texts a random part decides the
        directions.
        """
        vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32, max_features=_MOST_TERMS)
        matrix: sp.csr_matrix = vectorizer.fit_transform(texts)
        if len(texts) > _FITTED_TEXTS:
            drawn = np.random.default_rng(seed).choice(len(texts), _FITTED_TEXTS, replace=False)
            matrix = matrix[np.sort(drawn)]
        with threadpool_limits(1, user_api="blas"):  # threads of BLAS wait by spinning, for minutes on a busy machine
            svd = TruncatedSVD(min(dim, min(matrix.shape) - 1), random_state=seed).fit(matrix)
        vocabulary = {term: int(column) for term, column in vectorizer.vocabulary_.items()}
        return cls(vocabulary, vectorizer.idf_.astype(np.float32), svd.components_.astype(np.float32))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """L2-normalised vectors, shape ``(n, D)``; a text without known terms is a zero vector."""
        directions = np.ascontiguousarray(self.components.T)  # (V, D)
        found = np.empty((len(texts), directions.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _ROWS):
            part = slice(start, start + _ROWS)
            vectors = self.weighted(texts[part]) @ directions
            found[part] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8)
        return found

    def weighted(self, texts: Sequence[str]) -> sp.csr_matrix:
        """TF-IDF weights of the texts' terms, rows of unit length, shape ``(n, V)``."""
        matrix: sp.csr_matrix = self._vectorizer.transform(texts)
        return matrix

    def save(self, folder: Path) -> None:
        """Write ``lsa.safetensors`` and ``lsa.json``."""
        save_file({"idf": self.idf, "components": np.ascontiguousarray(self.components)}, folder / "lsa.safetensors")
        words = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        (folder / "lsa.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LsaEncoder:
        """Inverse of :meth:`save`."""
        arrays = load_file(folder / "lsa.safetensors")
        words = json.loads((folder / "lsa.json").read_text(encoding="utf-8"))
        return cls({word: column for column, word in enumerate(words)}, arrays["idf"], arrays["components"])
