"""The chooser of statements: for a user and an item, the best of what others had written about it before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recbole_curec.atomic_write import write_text
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.statements import Statement
from recbole_curec.pipeline.artifacts import fold_folder
from recbole_curec.reviews.quotations import normal
from recbole_curec.reviews.source import fold_of
from recbole_curec.reviews.statements.features import features_of
from recbole_curec.reviews.statements.pool import Ids, StatementPool
from recbole_curec.reviews.statements.ranker import StatementRanker
from recbole_curec.reviews.statements.space import StatementSpace

# Users are split in two: what chooses for a user was fitted on reviews of the users of the other half.
FOLDS = 2
_CHOOSER = "chooser.json"


@dataclass(frozen=True)
class FoldModels:
    """What chooses for the users of one fold, fitted on the reviews of all others.

    Attributes:
        space: Vectors and opinions of all statements.
        ranker: Scores candidates.
    """

    space: StatementSpace
    ranker: StatementRanker


def user_folds(history: TrainHistory) -> NDArray[np.int64]:
    """Fold of every user by the hash of the original id, shape ``(n_users,)``; 0 for the padding user."""
    tokens = history.user_tokens[1:].astype(str)
    return np.concatenate([[0], fold_of(tokens, np.full(len(tokens), ""), FOLDS)]).astype(np.int64)


class RankedStatements:
    """Chooses statements with the models of the user's fold.

    Args:
        pool: The statements.
        models: The models of each fold.
        most: Statements of an item that are looked at, the latest.
    """

    def __init__(self, pool: StatementPool, models: Sequence[FoldModels], most: int) -> None:
        self.pool, self.models, self.most = pool, tuple(models), most
        self._folds = user_folds(pool.history)

    def choose(self, user: int, item: int, position: int | None, count: int) -> tuple[Ids, NDArray[np.float64]]:
        """The best statements of any length, each of another review and in other words, and their scores.

        Args:
            user: User of the training history, 0 for one who was not in training.
            item: The item.
            position: Number of the user's training interactions before; None for a recommendation of now.
            count: Most statements.
        """
        candidates, scores, _ = self._scored(user, item, position)
        kept = self._best(candidates, scores, count)
        return candidates[kept], scores[kept]

    def quotable(self, user: int, item: int, position: int | None, count: int) -> tuple[Statement, ...]:
        """See :meth:`~recbole_curec.data.statements.StatementChooser.quotable`.

        A reason recommends, so blame is left out: a statement whose words lower the rating, and one by a writer who
        rated the item in the lower half of the scale. Statements whose words raise the rating come before all others.
        """
        candidates, scores, opinions = self._scored(user, item, position)
        fit = self.pool.quotable[candidates] & ~(opinions < 0) & ~(self.pool.ratings[candidates] <= 0)
        kept = self._best(candidates[fit], scores[fit], count, first=opinions[fit] > 0)
        return tuple(Statement(str(text)) for text in self.pool.texts[candidates[fit][kept]])

    def _scored(
        self, user: int, item: int, position: int | None
    ) -> tuple[Ids, NDArray[np.float64], NDArray[np.float32]]:
        """Candidates with their scores and opinions."""
        pool, models = self.pool, self.models[self._folds[user]]
        cutoff = pool.cutoff(user, item, position)
        candidates = pool.candidates(user, item, cutoff, self.most)
        if not len(candidates):
            return candidates, np.zeros(0), np.zeros(0, dtype=np.float32)
        own = pool.own(user, item, position, self.most)
        scores = models.ranker.scores(features_of(pool, models.space, candidates, own, cutoff))
        return candidates, scores, models.space.opinions[candidates]

    def _best(
        self, candidates: Ids, scores: NDArray[np.float64], count: int, first: NDArray[np.bool_] | None = None
    ) -> Ids:
        """Places of the best candidates of different reviews and words; of equal ones, the latest.

        Args:
            candidates: Statements, in time order, shape ``(n,)``.
            scores: Their scores, shape ``(n,)``.
            count: Most places.
            first: Which of them come before all others, shape ``(n,)``.
        """
        kept: list[int] = []
        seen: set[object] = set()
        ahead = np.zeros(len(scores), dtype=bool) if first is None else first
        for place in np.lexsort((-np.arange(len(scores)), -scores, ~ahead)).tolist():
            marks = {int(self.pool.rows[candidates[place]]), normal(str(self.pool.texts[candidates[place]]))}
            if len(kept) < count and seen.isdisjoint(marks):
                kept.append(place)
                seen |= marks
        return np.array(kept, dtype=np.int64)


def save_statements(ranked: RankedStatements, folder: Path) -> None:
    """Write what :func:`load_statements` reads."""
    ranked.pool.save(folder)
    write_text(folder / _CHOOSER, json.dumps({"candidates": ranked.most}) + "\n")
    for fold, models in enumerate(ranked.models):
        place = fold_folder(folder, fold)
        place.mkdir(exist_ok=True)
        models.space.save(place)
        models.ranker.save(place)


def load_statements(folder: Path, history: TrainHistory) -> RankedStatements:
    """The chooser of a ``statements`` artifact.

    Args:
        folder: The artifact.
        history: The training history of the ``collect`` artifact it was made from.

    Raises:
        ConfigurationError: LightGBM is not installed.
    """
    most = int(json.loads((folder / _CHOOSER).read_text(encoding="utf-8"))["candidates"])
    places = [fold_folder(folder, fold) for fold in range(FOLDS)]
    models = [FoldModels(StatementSpace.load(place), StatementRanker.load(place)) for place in places]
    return RankedStatements(StatementPool.load(folder, history), models, most)
