"""Training and measurement of the models of one fold, on the users of the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.errors import DataError
from recbole_curec.reviews.statements.chooser import FoldModels
from recbole_curec.reviews.statements.features import CENTRAL, OWN, features_of
from recbole_curec.reviews.statements.labels import grades_of, ndcg
from recbole_curec.reviews.statements.pool import Ids, StatementPool
from recbole_curec.reviews.statements.ranker import StatementRanker
from recbole_curec.reviews.statements.space import StatementSpace
from recbole_curec.settings.statements import StatementSettings

CUTOFF = 3
# Ways to order the candidates: the ranker, likeness with the item's other statements, likeness with the user's own,
# and chance.
WAYS = ("ranker", "popular", "own", "random")


@dataclass(frozen=True)
class Query:
    """A training interaction with a statement to choose and a label above 0.

    Attributes:
        row: The training interaction.
        rows: Features of the candidates, shape ``(n, F)``.
        grades: Their labels, shape ``(n,)``.
    """

    row: int
    rows: NDArray[np.float32]
    grades: NDArray[np.int64]


@dataclass
class Measured:
    """NDCG@3 of the held-out users' queries under every way to order candidates.

    Attributes:
        users: User of every query.
        values: NDCG@3 of every query by way.
    """

    users: list[int] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})


class FoldTrainer:
    """Fits and measures the models that choose for the users of one fold.

    Args:
        pool: The statements.
        held_out: Which training interactions are of users of the fold, shape ``(N,)``.
        reviews: All training reviews, shape ``(N,)``.
        ratings: Their ratings, nan where none is known, shape ``(N,)``.
        settings: Of the stage.

    Raises:
        DataError: No statement is left to fit on.
    """

    def __init__(
        self,
        pool: StatementPool,
        held_out: NDArray[np.bool_],
        reviews: NDArray[np.object_],
        ratings: NDArray[np.float64],
        settings: StatementSettings,
    ) -> None:
        self._pool, self._held_out, self._settings = pool, held_out, settings
        taught, others = ~held_out[pool.rows], np.flatnonzero(~held_out)
        self._taught = taught
        if taught.sum() < 2:
            raise _too_few(int(taught.sum()), "statements")
        self.space, self._weights = StatementSpace.fit(
            pool.texts.tolist(), taught, reviews[others].tolist(), ratings[others]
        )

    @property
    def weights(self) -> sp.csr_matrix:
        """TF-IDF weights of all statements, shape ``(n, V)``."""
        return self._weights

    def queries(self, rows: Ids, *, taught: bool, progress: bool) -> Iterator[Query]:
        """Those of some training interactions that have something to learn from or to measure.

        Args:
            rows: The training interactions.
            taught: Whether only statements of the other users are candidates, so that nothing a user of the fold has
                written takes part in what chooses for the fold.
            progress: Whether there is a progress bar.
        """
        label = f"statements of {'the ranker' if taught else 'held-out users'}"
        pool, settings = self._pool, self._settings
        for row in tqdm(rows.tolist(), desc=label, unit="interaction", leave=False, disable=not progress):
            said = pool.of_row(row)
            if not len(said):
                continue
            user, item, position = pool.history.interaction(row)
            cutoff = pool.cutoff(user, item, position)
            candidates = pool.candidates(user, item, cutoff, settings.candidates, self._taught if taught else None)
            grades = grades_of(self._weights, candidates, said, settings.grades)
            if len(candidates) > 1 and grades.any():
                own = pool.own(user, item, position, settings.candidates)
                yield Query(row, features_of(pool, self.space, candidates, own, cutoff), grades)

    def fit(self, *, progress: bool) -> tuple[FoldModels, int]:
        """Train the ranker on the other users' interactions, evenly spread if there are more than enough.

        Returns:
            The models, and the number of queries they learnt from.

        Raises:
            DataError: No interaction has anything to learn from.
        """
        rows = np.flatnonzero(~self._held_out)
        if len(rows) > self._settings.queries:
            rows = rows[np.linspace(0, len(rows) - 1, self._settings.queries).astype(np.int64)]
        found = list(self.queries(rows, taught=True, progress=progress))
        if not found:
            raise _too_few(0, "interactions with a statement by somebody else that the user's own review repeats")
        ranker = StatementRanker.fit(
            np.concatenate([query.rows for query in found]),
            np.concatenate([query.grades for query in found]),
            [len(query.grades) for query in found],
            self._settings,
        )
        return FoldModels(self.space, ranker), len(found)

    def measure(self, ranker: StatementRanker, measured: Measured, *, progress: bool) -> None:
        """Add the held-out users' queries to what is measured, spread evenly as in :meth:`fit`."""
        rows = np.flatnonzero(self._held_out)
        if len(rows) > self._settings.queries:
            rows = rows[np.linspace(0, len(rows) - 1, self._settings.queries).astype(np.int64)]
        rng = np.random.default_rng(0)
        users = self._pool.history.users
        for query in self.queries(rows, taught=False, progress=progress):
            ties, chance = rng.random((2, len(query.grades)))
            own = np.nan_to_num(query.rows[:, OWN].astype(np.float64))
            ways = (ranker.scores(query.rows), query.rows[:, CENTRAL].astype(np.float64), own, chance)
            for way, scores in zip(WAYS, ways, strict=True):
                measured.values[way].append(ndcg(query.grades, scores, ties, CUTOFF))
            measured.users.append(int(users[query.row]))


def _too_few(count: int, what: str) -> DataError:
    return DataError(
        f"The ranker of statements finds {count} {what} among the training reviews of half of the users: statements "
        "need more or longer reviews; set collect.evidence_statements: 0 and encode.statements: false to go without."
    )
