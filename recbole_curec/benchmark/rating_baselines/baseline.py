"""What a baseline of rating prediction is."""

from __future__ import annotations

import importlib.util
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from recbole_curec.benchmark.rating_splits import RatingRows
from recbole_curec.errors import ConfigurationError


def grid(**values: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    """Every combination of some values of hyper-parameters."""
    return tuple(dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))


class RatingBaseline(ABC):
    """One model with one setting of its hyper-parameters.

    Args:
        seed: Seed of everything random.
        hyperparameters: One element of :attr:`candidates`.

    Attributes:
        name: Name of the row.
        candidates: The settings that are tried, each once; the one with the lowest RMSE on validation is taken.
        packages: Optional packages it needs, as they are imported and as pip knows them.
        reads_texts: Whether it reads the reviews of the training rows.
    """

    name: ClassVar[str]
    candidates: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    packages: ClassVar[Mapping[str, str]] = {}
    reads_texts: ClassVar[bool] = False

    def __init__(self, seed: int, **hyperparameters: Any) -> None:
        self.seed = seed
        self.hyperparameters = hyperparameters

    @classmethod
    def check(cls) -> None:
        """Check that its optional packages are installed, without importing them.

        Raises:
            ConfigurationError: One is not.
        """
        missing = [package for module, package in cls.packages.items() if importlib.util.find_spec(module) is None]
        if missing:
            raise ConfigurationError(
                f"The row '{cls.name}' needs {' and '.join(missing)}: pip install {' '.join(missing)}, or leave the "
                "row out."
            )

    @abstractmethod
    def fit(self, train: RatingRows) -> None:
        """Learn from the training rows."""

    @abstractmethod
    def predict(self, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
        """Ratings of pairs of original ids, known or not, shape ``(N,)``."""


@contextmanager
def global_generators_seeded(seed: int) -> Iterator[None]:
    """Seed Python's and numpy's global generators, which some libraries draw from, and restore them on exit."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the libraries use the legacy generator
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - as above
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002 - as above
