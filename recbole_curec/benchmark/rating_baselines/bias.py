"""Regularised biases of users and items."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline, grid
from recbole_curec.benchmark.rating_splits import RatingRows

_SWEEPS = 20


class Bias(RatingBaseline):
    """Global mean plus a bias of the user and one of the item, each shrunk towards zero (Koren, 2010).

    Alternating least squares: with the users' biases fixed, an item's is the sum of its residuals over
    ``item_shrinkage`` plus its number of ratings; then the other way round, 20 times. Users and items without training
    ratings have bias 0.
    The model of scikit-surprise's ``BaselineOnly``, which a test compares it with; here because the most important
    baseline should need no optional package.
    """

    name = "bias"
    candidates = grid(user_shrinkage=(1, 3, 10), item_shrinkage=(1, 3, 10, 30))

    def fit(self, train: RatingRows) -> None:
        """Alternate between items and users."""
        user_ids, users = np.unique(train.users, return_inverse=True)
        item_ids, items = np.unique(train.items, return_inverse=True)
        self._mean = float(train.ratings.mean())
        centred = train.ratings - self._mean
        of_users = np.zeros(len(user_ids))
        user_counts, item_counts = np.bincount(users), np.bincount(items)
        for _ in range(_SWEEPS):
            sums = np.bincount(items, weights=centred - of_users[users])
            of_items = sums / (item_counts + self.hyperparameters["item_shrinkage"])
            sums = np.bincount(users, weights=centred - of_items[items])
            of_users = sums / (user_counts + self.hyperparameters["user_shrinkage"])
        self._users, self._items = pd.Series(of_users, index=user_ids), pd.Series(of_items, index=item_ids)

    def predict(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
        """Mean plus the biases that are known."""
        of_users, of_items = (
            biases.reindex(ids, fill_value=0.0).to_numpy(dtype=np.float64)
            for biases, ids in ((self._users, users), (self._items, items))
        )
        return self._mean + of_users + of_items
