"""The most typical of some sentences: the one nearest to their mean in TF-IDF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from recbole_curec.reasons.words import lower_words


class TypicalSentences:
    """Sentences of training reviews, and which of some is the most typical.

    Args:
        sentences: All sentences, on which TF-IDF is fitted.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = tuple(sentences)
        vectorizer = TfidfVectorizer(analyzer=lower_words, sublinear_tf=True, dtype=np.float32)
        self._matrix = vectorizer.fit_transform(self.sentences)  # (n, V), rows of length 1

    def of(self, rows: Sequence[int]) -> str | None:
        """The sentence with the largest mean cosine to all of these rows, the first among equals; None for no rows."""
        if not len(rows):
            return None
        chosen = self._matrix[np.asarray(rows)]
        cosines = chosen @ np.asarray(chosen.mean(axis=0)).ravel()
        return self.sentences[rows[int(np.argmax(cosines))]]

    def most_typical(self) -> str:
        """The most typical of all sentences."""
        found = self.of(range(len(self.sentences)))
        assert found is not None  # noqa: S101 - TF-IDF cannot be fitted on nothing
        return found
