"""The stage ``statements``: other users' sentences about the items, and rankers that choose them for a user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.data.collected import Collected
from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import DataError
from recbole_curec.evaluation.bootstrap import bootstrap_interval
from recbole_curec.evaluation.metrics.metric import Score
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reviews.statements.chooser import FOLDS, RankedStatements, save_statements, user_folds
from recbole_curec.reviews.statements.pool import StatementPool
from recbole_curec.reviews.statements.source import StatementSource
from recbole_curec.reviews.statements.training import CUTOFF, WAYS, FoldTrainer, Measured
from recbole_curec.settings.statements import StatementSettings

CHOSEN = "chosen.parquet"
_SAMPLES = 1000


def run(job: Job) -> StageResult:
    """Find the statements, fit and measure the rankers of both folds, and choose for every training interaction.

    Raises:
        DataError: The reviews hold too few statements to learn from.
    """
    settings, source, folder = job.settings.of(StatementSettings), job.source, job.workspace.folder
    progress = job.workspace.show_progress
    history = Collected.load(job.inputs["collect"]).history
    _check_order(source, history)
    pool = StatementPool.of(history, source.ranks, source.texts, source.ratings)
    folds = user_folds(history)[history.users]
    models, measured, figures = [], Measured(), _counts(pool)
    for fold in range(FOLDS):
        trainer = FoldTrainer(pool, folds == fold, source.texts, source.ratings, settings)
        fitted, queries = trainer.fit(progress=progress)
        trainer.measure(fitted.ranker, measured, progress=progress)
        models.append(fitted)
        figures[f"fold_{fold}"] = {"queries": queries, "gains": fitted.ranker.gains()}
    ranked = RankedStatements(pool, models, settings.candidates)
    save_statements(ranked, folder)
    chosen = _choose(ranked, settings.per_interaction, progress=progress)
    chosen.to_parquet(folder / CHOSEN, index=False)
    figures |= {"chosen": len(chosen), "chosen_for": int(chosen["row"].nunique()), "ndcg": _report(measured)}
    return StageResult(_summary(figures), figures)


def _check_order(source: StatementSource, history: TrainHistory) -> None:
    users, items = history.user_tokens[history.users], history.item_tokens[history.items]
    if not (np.array_equal(source.users, users) and np.array_equal(source.items, items)):
        raise DataError(
            "The training reviews are not those of the 'collect' artifact: remove the artifacts of this dataset and "
            "run again."
        )


def _choose(ranked: RankedStatements, count: int, *, progress: bool) -> pd.DataFrame:
    """The statements chosen for every training interaction, best first."""
    history = ranked.pool.history
    rows: list[int] = []
    numbers: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.float64]] = []
    for row in tqdm(
        range(history.n_interactions), desc="choose statements", unit="interaction", leave=False, disable=not progress
    ):
        found, worth = ranked.choose(*history.interaction(row), count)
        rows += [row] * len(found)
        numbers.append(found)
        scores.append(worth)
    kept = np.concatenate(numbers)
    return pd.DataFrame(
        {
            "row": np.array(rows, dtype=np.int64),
            "user": history.user_tokens[history.users[rows]].astype(object),
            "item": history.item_tokens[history.items[rows]].astype(object),
            "text": ranked.pool.texts[kept],
            "score": np.concatenate(scores),
        }
    )


def _counts(pool: StatementPool) -> dict[str, Any]:
    return {
        "statements": len(pool),
        "reviews": len(np.unique(pool.rows)),
        "items": len(np.unique(pool.items)),
        "interactions": pool.history.n_interactions,
    }


def _report(measured: Measured) -> dict[str, Any]:
    """NDCG@3 of each way over held-out users: the mean of the users' means, with its interval over users."""
    users, places = np.unique(np.array(measured.users, dtype=np.int64), return_inverse=True)
    found: dict[str, Any] = {"at": CUTOFF, "queries": len(measured.users), "users": len(users)}
    sizes = np.bincount(places, minlength=len(users))
    by_user = {
        way: np.bincount(places, weights=measured.values[way], minlength=len(users)) / np.maximum(sizes, 1)
        for way in WAYS
    }
    for way in WAYS:
        found[way] = _mean(by_user[way])
        if way != WAYS[0]:
            found[f"{WAYS[0]} - {way}"] = _mean(by_user[WAYS[0]] - by_user[way])
    return found


def _mean(values: NDArray[np.float64]) -> dict[str, Any]:
    if not len(values):
        return {"mean": None, "interval": None}
    score = Score.mean(values)
    interval = bootstrap_interval(score, [str(k) for k in range(len(values))], _SAMPLES, 0)
    ends = None if interval is None else [round(end, 4) for end in interval]
    return {"mean": round(score.value, 4), "interval": ends}


def _summary(figures: dict[str, Any]) -> str:
    ndcg = figures["ndcg"]
    shown = ", ".join(f"{way} {ndcg[way]['mean']:.3f}" for way in WAYS) if ndcg["users"] else "nothing to measure"
    return (
        f"{figures['statements']:,} statements in {figures['reviews']:,} reviews of {figures['items']:,} items; "
        f"{figures['chosen']:,} chosen for {figures['chosen_for']:,} of {figures['interactions']:,} interactions; "
        f"NDCG@{CUTOFF} on {ndcg['users']:,} held-out users: {shown}"
    )


STATEMENTS = Stage(name="statements", run=run, settings=(StatementSettings,), inputs=("collect",), reads_source=True)
