"""``explain``: why items are recommended, or ratings predicted, for some users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recbole_curec.api.runs import Reasoner, RunOrCheckpoint, located
from recbole_curec.backbones.lookup import RATING_MODEL
from recbole_curec.errors import ConfigurationError
from recbole_curec.explanations.console import reason_block
from recbole_curec.explanations.ratings import rating_block
from recbole_curec.explanations.result import Explanations
from recbole_curec.extensions import LANGUAGES
from recbole_curec.plugin.experiment import RunResult
from recbole_curec.plugin.loading import LoadedRun, load_run
from recbole_curec.serving.ids import check_ids
from recbole_curec.serving.rating_reasoner import RatingReasoner
from recbole_curec.serving.recommender import Recommender, check_top_k

# Past statements shown on a terminal.
_STATEMENTS = 4


def explain(
    source: RunOrCheckpoint,
    users: Sequence[str],
    k: int = 10,
    *,
    items: Sequence[str] | None = None,
    statements: int = _STATEMENTS,
    data_path: str | Path | None = None,
) -> Explanations:
    """What is recommended to users, or how they would rate items, and why.

    For a model that ranks, every item gets a reason: drafted, checked, corrected and scored as in the run. For the
    rating model, every predicted rating comes with the past statements it rests on.

    Args:
        source: Result of :func:`recbole_curec.run`, or a checkpoint's path.
        users: Original ids of known users.
        k: Length of a list.
        items: Original item ids, for which every user's reasons or ratings are wanted; None takes the best ``k``.
        statements: Past statements of a rating in its block of text, at most; the rows hold all.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Returns:
        One row and one block of text per user and item.

    Raises:
        CURecError: The checkpoint, a user or an item cannot be used, or the run wrote no reasons.
    """
    for name, ids in (("users", users), ("items", items)):
        check_ids(name, ids)
    check_top_k(k)
    if statements < 0:
        raise ConfigurationError(f"statements: {statements} must be at least 0.")
    checkpoint = source.checkpoint if isinstance(source, RunResult) else source
    run = load_run(checkpoint, {} if data_path is None else {"data_path": str(data_path)})
    if run.config["model"] == RATING_MODEL:
        return _ratings(RatingReasoner(run), users, k, items, statements)
    return _reasons(run, Reasoner.over(located(source, run)), users, k, items)


def _ratings(
    reasoner: RatingReasoner, users: Sequence[str], k: int, items: Sequence[str] | None, statements: int
) -> Explanations:
    if items is None:
        pairs = [pair for user in users for pair in reasoner.best(user, k)]
    else:
        pairs = [(user, item) for user in users for item in items]
    found = reasoner.write(pairs)
    return Explanations(
        [pair.as_row(reasoner.titles) for pair in found],
        [rating_block(pair, reasoner.titles, statements) for pair in found],
    )


def _reasons(
    run: LoadedRun, reasoner: Reasoner, users: Sequence[str], k: int, items: Sequence[str] | None
) -> Explanations:
    listed: list[dict[str, Any]]
    if items is None:
        table = Recommender(run).for_users(users, k)
        listed = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    else:
        listed = [{"user": user, "item": item} for user in users for item in items]
    records = reasoner.write([(row["user"], row["item"]) for row in listed])
    language = LANGUAGES.find(reasoner.collected.catalog.language)
    rows, blocks = [], []
    for row, record in zip(listed, records, strict=True):
        rows.append(
            {
                **row,
                "reason": record.text,
                "evidence": asdict(record.evidence),
                "rewards": record.rewards,
                "fault": record.failure,
                "fault_kind": record.failure_kind,
                "outcome": record.outcome,
                "draft": record.draft,
            }
        )
        place = f"{row['rank']}.  score {row['score']:.4f}\n" if "rank" in row else ""
        blocks.append(place + reason_block(record, language))
    return Explanations(rows, blocks)
