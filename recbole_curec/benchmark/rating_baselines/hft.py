"""Hidden factors as topics of reviews, by cornac (Salah et al., 2020)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline, grid, numpy_seeded
from recbole_curec.benchmark.rating_splits import RatingRows

_VOCABULARY = 3000


class HFT(RatingBaseline):
    """Hidden Factors as Topics (McAuley & Leskovec, 2013): an item's factors explain the words of its training reviews.

    cornac reads which words are in an item's reviews, not how often. Its sampler draws from numpy's global generator.
    Pairs with an unknown user or item get the training mean, which is what cornac gives them.
    """

    name = "hft"
    packages = {"cornac": "cornac"}
    reads_texts = True
    candidates = grid(k=(5, 10), l2_reg=(0.1, 1.0, 5.0), lambda_text=(0.01, 0.1))

    def fit(self, train: RatingRows) -> None:
        """Alternate between the topics of words and the factors."""
        from cornac.data import Dataset, TextModality
        from cornac.models import HFT as Model

        assert train.texts is not None  # read for rows that ask for them
        documents: dict[str, list[str]] = {}
        for item, text in zip(train.items.tolist(), train.texts.tolist(), strict=True):
            documents.setdefault(item, []).append(text)
        corpus = [" ".join(texts) for texts in documents.values()]
        words = TextModality(corpus=corpus, ids=list(documents), max_vocab=_VOCABULARY, max_doc_freq=0.5)
        rows = list(zip(train.users.tolist(), train.items.tolist(), train.ratings.tolist(), strict=True))
        self._data = Dataset.build(rows, seed=self.seed)
        self._data.add_modalities(item_text=words)
        words.build(id_map=self._data.iid_map)
        self._model = Model(
            max_iter=10, grad_iter=30, vocab_size=words.vocab.size, seed=self.seed, verbose=False, **self.hyperparameters
        )
        with numpy_seeded(self.seed):
            self._model.fit(self._data)

    def predict(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
        """cornac's ratings, within the scale of the training ratings."""
        of_users = [self._data.uid_map.get(user, len(self._data.uid_map)) for user in users.tolist()]
        of_items = [self._data.iid_map.get(item, len(self._data.iid_map)) for item in items.tolist()]
        pairs = zip(of_users, of_items, strict=True)
        return np.array([self._model.rate(user, item) for user, item in pairs], dtype=np.float64)
