"""Matrix factorisation by scikit-surprise (Hug, 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline, grid
from recbole_curec.benchmark.rating_splits import RatingRows


class _Surprise(RatingBaseline):
    packages: ClassVar[Mapping[str, str]] = {"surprise": "scikit-surprise"}
    algorithm: ClassVar[str]  # name of a class of the package

    def fit(self, train: RatingRows) -> None:
        """Train on the rows in the order of users and time."""
        import surprise

        table = pd.DataFrame({"user": train.users, "item": train.items, "rating": train.ratings})
        scale = (float(train.ratings.min()), float(train.ratings.max()))
        data = surprise.Dataset.load_from_df(table, surprise.Reader(rating_scale=scale))
        self._model = getattr(surprise, self.algorithm)(random_state=self.seed, **self.hyperparameters)
        self._model.fit(data.build_full_trainset())

    def predict(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
        """The library's estimates: unknown users and items have neither bias nor factors."""
        pairs: zip[tuple[Any, Any]] = zip(users.tolist(), items.tolist(), strict=True)
        return np.array([self._model.predict(user, item).est for user, item in pairs])


class SVD(_Surprise):
    """Biases and factors by stochastic gradient descent (Funk, 2006)."""

    name = "svd"
    algorithm = "SVD"
    candidates = grid(n_factors=(10, 50), n_epochs=(20, 40), reg_all=(0.02, 0.1, 0.3))


class SVDpp(_Surprise):
    """SVD++: a user's factors are also those of the items rated at all (Koren, 2008)."""

    name = "svdpp"
    algorithm = "SVDpp"
    candidates = grid(n_factors=(10, 20), n_epochs=(20, 40), reg_all=(0.02, 0.1, 0.3))
