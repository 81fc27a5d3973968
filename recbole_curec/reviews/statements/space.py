"""What is known of every statement beside its words: a vector of what it speaks of, and how it judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.phrases import Words
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.text.lsa import LsaEncoder

_FILE = "space.safetensors"
# Coordinates of a statement's vector.
_DIM = 64
# No result depends on the seed of a run: the factorisation starts from the same numbers always.
_SEED = 0


@dataclass(frozen=True)
class StatementSpace:
    """Vectors and opinions of all statements, by models that were fitted on the reviews of some users.

    Attributes:
        vectors: Unit vectors by latent semantic analysis, zero for a statement of unknown words, shape ``(n, D)``.
        opinions: Effect of its words on the rating (:class:`~recbole_curec.reviews.opinion_words.OpinionWords`), below
            0 for blame; nan where no ratings are known, shape ``(n,)``.
    """

    vectors: NDArray[np.float32]
    opinions: NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        statements: Sequence[str],
        taught: NDArray[np.bool_],
        reviews: Sequence[str],
        ratings: NDArray[np.float64],
    ) -> tuple[StatementSpace, sp.csr_matrix]:
        """Fit on some of the statements and reviews, and describe all statements.

        Args:
            statements: All statements, shape ``(n,)``.
            taught: Which of them the vectors are fitted on, shape ``(n,)``.
            reviews: Reviews that the opinions are learnt from.
            ratings: Their ratings, nan where none is known.

        Returns:
            The space, and the TF-IDF weights of all statements, shape ``(n, V)``, which labels are made of.
        """
        encoder = LsaEncoder.fit([text for text, kept in zip(statements, taught, strict=True) if kept], _DIM, _SEED)
        return cls(encoder.encode(statements), _opinions(statements, reviews, ratings)), encoder.weighted(statements)

    def save(self, folder: Path) -> None:
        """Write ``space.safetensors``."""
        save_file({"vectors": self.vectors, "opinions": self.opinions}, folder / _FILE)

    @classmethod
    def load(cls, folder: Path) -> StatementSpace:
        """Inverse of :meth:`save`."""
        return cls(**load_file(folder / _FILE))


def _opinions(statements: Sequence[str], reviews: Sequence[str], ratings: NDArray[np.float64]) -> NDArray[np.float32]:
    rated = [k for k, rating in enumerate(ratings) if np.isfinite(rating) and reviews[k]]
    if len(np.unique(ratings[rated])) < 2:
        return np.full(len(statements), np.nan, dtype=np.float32)
    scale = RatingScale.of(ratings[rated])
    known = OpinionWords.fit([reviews[k] for k in rated], ratings[rated].tolist(), scale)
    return np.array([_opinion(known, Words.of(text)) for text in statements], dtype=np.float32)


def _opinion(known: OpinionWords, words: Words) -> float:
    """The effects of a statement's clauses together."""
    return sum(known.of(words, words.phrase(first, end - 1)) for first, end in words.clauses)
