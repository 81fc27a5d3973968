"""Vectors of texts from the company that their words keep in other reviews: random indexing, without any rating.

Every word has a random direction, drawn from the seed and the word alone (Kanerva, Kristoferson and Holst 2000;
Sahlgren 2005). What a word means is the sum of the directions in the reviews that hold it, and a text is the weighted
sum of its words' meanings: near what latent semantic analysis gives, but on axes that are fixed before any review is
read. So the reviews of a fold get their vectors from the other folds' reviews, and vectors of all folds can still be
compared. As no rating takes part, a rating model may read them in every row that it learns from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from recbole_curec.reviews.directions import direction, unit

# Reviews that must hold a term; among few reviews every term counts.
_MIN_REVIEWS, _FEW = 3, 200


class WordContexts:
    """What terms mean, from some reviews.

    Args:
        texts: The reviews.
        dim: Size of a vector.
        seed: Seed of the directions.
    """

    def __init__(self, texts: Sequence[str], dim: int, seed: int) -> None:
        self.dim = dim
        least = 1 if len(texts) < _FEW else _MIN_REVIEWS
        self._terms = TfidfVectorizer(min_df=least, ngram_range=(1, 2), sublinear_tf=True, stop_words="english")
        # Without a term in any text there is nothing to fit, and scikit-learn raises an error.
        self._empty = not any(map(self._terms.build_analyzer(), texts))
        if self._empty:
            return
        counted = self._terms.fit_transform(texts)
        directions = np.stack([direction(dim, seed, term) for term in self._terms.get_feature_names_out()])
        reviews = counted @ directions
        meanings = counted.T @ (reviews - reviews.mean(axis=0))
        self._meanings = unit(meanings)

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of texts, less their mean; zeros for a text without a known term, shape ``(n, dim)``."""
        made = np.zeros((len(texts), self.dim))
        if self._empty or not len(texts):
            return made.astype(np.float32)
        counted = self._terms.transform(texts)
        known = np.asarray(counted.getnnz(axis=1) > 0)
        if known.any():
            found = counted[known] @ self._meanings
            made[known] = unit(found - found.mean(axis=0))
        return made.astype(np.float32)
