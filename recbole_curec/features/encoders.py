"""Text encoders: ``lsa`` (offline default), hidden states of a causal LM, or a sentence-transformers model."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from recbole_curec.errors import ConfigurationError
from recbole_curec.reasons.language_model import place

_TERM = re.compile(r'"[^"]+"|[^\W_]+(?:[\'\u2019-][^\W_]+)*')


class TextEncoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""


def terms(text: str) -> list[str]:
    """Words of a text in lower case, and every quoted name as one term beside its words."""
    found: list[str] = []
    for match in _TERM.findall(text):
        if match.startswith('"'):
            found.append(match.lower())
            found += [word.lower() for word in _TERM.findall(match[1:-1])]
        else:
            found.append(match.lower())
    return found


class LsaEncoder:
    """Latent semantic analysis: TF-IDF over words and quoted names, then truncated SVD (Deerwester et al., 1990).

    Attributes:
        vocabulary: Column of every term.
        idf: Inverse document frequencies, shape ``(V,)``.
        components: Right singular vectors, shape ``(D, V)``.
    """

    def __init__(self, vocabulary: dict[str, int], idf: NDArray[np.float32], components: NDArray[np.float32]) -> None:
        self.vocabulary, self.idf, self.components = vocabulary, idf, components
        self._vectorizer = TfidfVectorizer(analyzer=terms, vocabulary=vocabulary, sublinear_tf=True, dtype=np.float32)
        self._vectorizer.idf_ = idf

    @classmethod
    def fit(cls, texts: Sequence[str], dim: int, seed: int) -> LsaEncoder:
        """Fit on texts; the dimension is lowered where the texts do not carry that much."""
        vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32)
        matrix: sp.csr_matrix = vectorizer.fit_transform(texts)
        svd = TruncatedSVD(min(dim, min(matrix.shape) - 1), random_state=seed).fit(matrix)
        vocabulary = {term: int(column) for term, column in vectorizer.vocabulary_.items()}
        return cls(vocabulary, vectorizer.idf_.astype(np.float32), svd.components_.astype(np.float32))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """L2-normalised vectors, shape ``(n, D)``; a text without known terms is a zero vector."""
        vectors = np.asarray(self._vectorizer.transform(texts) @ self.components.T, dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-8), dtype=np.float32)

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


class HiddenStateEncoder:
    """Mean-pooled last hidden states of a causal language model."""

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, device: torch.device, batch_size: int) -> None:
        self.model, self.tokenizer = place(model, device).eval(), tokenizer
        self.device, self.batch_size = device, batch_size

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""
        pooled = []
        for start in tqdm(range(0, len(texts), self.batch_size), desc="encode", unit="batch", leave=False):
            batch = self.tokenizer(
                list(texts[start : start + self.batch_size]), padding=True, truncation=True, max_length=256,
                return_tensors="pt", split_special_tokens=True,
            ).to(self.device)  # fmt: skip
            hidden = self.model(**batch, output_hidden_states=True).hidden_states[-1].float()  # (B, L, H)
            mask = batch["attention_mask"].unsqueeze(-1)  # (B, L, 1)
            pooled.append(((hidden * mask).sum(1) / mask.sum(1).clamp(min=1)).cpu().numpy())
        return np.concatenate(pooled).astype(np.float32)


class SentenceEncoder:
    """A sentence-transformers model by path or hub name."""

    def __init__(self, name: str, device: torch.device) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ConfigurationError(
                f"text_encoder={name!r} needs sentence-transformers: pip install sentence-transformers, "
                "or use 'lsa' or 'llm'."
            ) from error
        try:
            self._model = SentenceTransformer(name, device=str(device))
        except (OSError, ValueError) as error:
            first_line = str(error).strip().splitlines()[0]
            raise ConfigurationError(f"text_encoder={name!r} cannot be loaded: {first_line}") from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""
        vectors = self._model.encode(list(texts), show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)
