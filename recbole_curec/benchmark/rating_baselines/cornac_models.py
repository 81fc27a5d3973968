"""Models that read reviews, by cornac (Salah et al., 2020)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline, global_generators_seeded, grid
from recbole_curec.benchmark.rating_splits import RatingRows
from recbole_curec.errors import DataError

_VOCABULARY = 2000


class _Cornac(RatingBaseline):
    """A fit takes minutes, so four settings are tried, where the others have twelve.

    Pairs with an unknown user or item get the training mean, which is what cornac gives them.
    """

    packages: ClassVar[Mapping[str, str]] = {"cornac": "cornac"}
    reads_texts = True

    def fit(self, train: RatingRows) -> None:
        """Train on the rows and their reviews."""
        from cornac.data import Dataset

        rows = list(zip(train.users.tolist(), train.items.tolist(), train.ratings.tolist(), strict=True))
        self._data = Dataset.build(rows, seed=self.seed)
        try:
            with global_generators_seeded(self.seed):
                self._model = self._fitted(train)
        except ValueError as error:
            if "no terms remain" not in str(error):
                raise
            raise DataError(
                f"The row '{self.name}' finds no words in the reviews but those that more than half of them share: "
                "leave the row out."
            ) from error

    @abstractmethod
    def _fitted(self, train: RatingRows) -> Any:
        """The library's model, trained on ``self._data``."""

    def predict(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
        """The library's ratings, within the scale of the training ratings."""
        of_users = [self._data.uid_map.get(user, len(self._data.uid_map)) for user in users.tolist()]
        of_items = [self._data.iid_map.get(item, len(self._data.iid_map)) for item in items.tolist()]
        rates = [np.ravel(self._model.rate(*pair))[0] for pair in zip(of_users, of_items, strict=True)]
        return np.array(rates, dtype=np.float64)


class HFT(_Cornac):
    """Hidden Factors as Topics (McAuley & Leskovec, 2013): an item's factors explain the words of its training reviews.

    cornac reads which words are in an item's reviews, not how often, and shrinks factors, but no biases.
    """

    name = "hft"
    candidates = grid(l2_reg=(1.0, 5.0), lambda_text=(0.01, 0.1))

    def _fitted(self, train: RatingRows) -> Any:
        from cornac import models
        from cornac.data import TextModality

        documents: dict[str, list[str]] = {}
        for item, text in zip(train.items.tolist(), train.reviews.tolist(), strict=True):
            documents.setdefault(item, []).append(text)
        corpus = [" ".join(texts) for texts in documents.values()]
        words = TextModality(corpus=corpus, ids=list(documents), max_vocab=_VOCABULARY, max_doc_freq=0.5)
        words.build(id_map=self._data.iid_map)
        self._data.add_modalities(item_text=words)
        model = models.HFT(
            k=5, max_iter=5, grad_iter=30, vocab_size=words.vocab.size, seed=self.seed, verbose=False,
            **self.hyperparameters,
        )  # fmt: skip
        return model.fit(self._data)


class NARRE(_Cornac):
    """Attention over the reviews of the user and of the item (Chen et al., 2018).

    As published, the review of a training pair itself is among them while it is trained on; that of a test pair is not.
    """

    name = "narre"
    packages: ClassVar[Mapping[str, str]] = {"cornac": "cornac", "tensorflow": "tensorflow-cpu"}
    candidates = grid(max_iter=(3, 6), dropout_rate=(0.3, 0.5))

    def _fitted(self, train: RatingRows) -> Any:
        from cornac import models
        from cornac.data import ReviewModality

        reviews = list(zip(train.users.tolist(), train.items.tolist(), train.reviews.tolist(), strict=True))
        words = ReviewModality(data=reviews, max_vocab=_VOCABULARY, max_doc_freq=0.5)
        words.build(uid_map=self._data.uid_map, iid_map=self._data.iid_map, dok_matrix=self._data.dok_matrix)
        self._data.add_modalities(review_text=words)
        model = models.NARRE(
            embedding_size=50, n_filters=32, max_text_length=50, max_num_review=10, verbose=False, seed=self.seed,
            **self.hyperparameters,
        )  # fmt: skip
        return model.fit(self._data)
