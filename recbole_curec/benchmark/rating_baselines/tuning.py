"""The choice of a baseline's hyper-parameters on validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import root_mean_squared_error
from tqdm import tqdm

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline
from recbole_curec.benchmark.rating_splits import RatingRows, RatingSplits


@dataclass(frozen=True)
class TunedBaseline:
    """A baseline's predictions with the hyper-parameters that were best on validation.

    Attributes:
        predicted: Predicted ratings of the test rows, shape ``(N,)``.
        chosen: The hyper-parameters.
        tried: RMSE on validation of every candidate, in the order of the candidates.
        seconds: Wall time of all candidates and the predictions.
    """

    predicted: NDArray[np.float64]
    chosen: Mapping[str, Any]
    tried: tuple[float, ...]
    seconds: float

    @property
    def facts(self) -> dict[str, Any]:
        """All but the predictions, as plain data."""
        return {
            "chosen": dict(self.chosen),
            "validation_rmse": list(self.tried),
            "wall_seconds": round(self.seconds, 1),
        }


def tuned(baseline: type[RatingBaseline], splits: RatingSplits, seed: int) -> TunedBaseline:
    """Fit every candidate on the training rows, and test the one with the lowest RMSE on validation.

    Predictions are cut off at the lowest and the highest training rating, for validation and for test.
    """
    began = perf_counter()
    models: list[RatingBaseline] = []
    tried: list[float] = []
    for candidate in tqdm(baseline.candidates, desc=baseline.name, leave=False, disable=len(baseline.candidates) == 1):
        model = baseline(seed, **candidate)
        model.fit(splits.train)
        tried.append(root_mean_squared_error(splits.valid.ratings, _predicted(model, splits.valid, splits)))
        models = [model] if tried[-1] == min(tried) and tried.count(tried[-1]) == 1 else models
    (best,) = models
    predicted = _predicted(best, splits.test, splits)
    return TunedBaseline(predicted, dict(best.hyperparameters), tuple(map(float, tried)), perf_counter() - began)


def _predicted(model: RatingBaseline, rows: RatingRows, splits: RatingSplits) -> NDArray[np.float64]:
    found = model.predict(rows.users, rows.items)
    return np.clip(found, splits.train.ratings.min(), splits.train.ratings.max())
