"""RecCoT's stage ``read``: the reviews and ratings of the training split, split into folds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from recbole_curec.errors import DataError
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reviews.source import ReviewSource
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.settings.read import ReadSettings


def run(job: Job) -> StageResult:
    """Save the training reviews.

    Raises:
        DataError: There are fewer reviews than folds, one rating alone, or two reviews of one item by one user.
    """
    source: ReviewSource = job.source
    folds = job.settings.of(ReadSettings).folds
    if len(source.users) < folds:
        raise DataError(
            f"read.folds: {folds} is more than the {len(source.users)} training reviews: lower it, or give more."
        )
    table = source.table(folds)
    figures = _figures(table)
    table.save(job.workspace.folder)
    shares = ", ".join(f"{level} {share:.1%}" for level, share in figures["shares"].items())
    summary = (
        f"{figures['reviews']:,} training reviews ({figures['empty']:,} without text) of {figures['users']:,} users "
        f"({figures['users_with_one']:,} with one review) and {figures['items']:,} items, in {folds} "
        f"fold{'s' if folds > 1 else ''}; ratings {shares}"
    )
    return StageResult(summary, figures)


def _figures(table: ReviewTable) -> dict[str, Any]:
    scale = table.scale
    reviews = Counter(table.users.tolist())
    return {
        "reviews": len(table),
        "empty": sum(not text for text in table.texts),
        "users": len(reviews),
        "users_with_one": sum(count == 1 for count in reviews.values()),
        "items": len(np.unique(table.items)),
        "folds": np.bincount(table.folds).tolist(),
        "shares": {scale.text(level): round(share, 4) for level, share in zip(scale.levels, scale.shares, strict=True)},
    }


READ = Stage(name="read", run=run, settings=(ReadSettings,), reads_source=True)
