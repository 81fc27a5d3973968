"""``recommend``: top-K lists from a run or a checkpoint, without importing the language model's libraries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.loading import moved_to
from recbole_curec.serving.files import check_output, write_lists
from recbole_curec.serving.recommender import Recommender, check_top_k


def recommend(
    source: Any,
    users: Sequence[str] | None = None,
    k: int = 10,
    *,
    history: Sequence[str] | None = None,
    keep_history: bool = False,
    output: str | Path | None = None,
    data_path: str | Path | None = None,
) -> pd.DataFrame | Path:
    """Top-K lists of known users, of a new user, or of all users.

    Args:
        source: Result of :func:`recbole_curec.run`, or a checkpoint's path.
        users: Original ids of known users; None together with a history, or for all users.
        k: Length of a list.
        history: Original item ids of a user who is not in the data, oldest first.
        keep_history: Whether items of the user's own history may be recommended.
        output: Parquet or CSV file; required for all users, whose lists are written batch by batch.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Returns:
        Columns ``user``, ``rank``, ``item`` and ``score``; the path if a file was written.

    Raises:
        CURecError: The checkpoint, a user, an item or the file cannot be used.
    """
    if users is not None and history is not None:
        raise ConfigurationError("users and history cannot be given together: a new user has no id in the data.")
    if users is None and history is None and output is None:
        raise ConfigurationError("Lists of everybody need a file: give output='lists.parquet', or users.")
    check_top_k(k)
    path = None if output is None else user_path("output", output)
    if path is not None:
        check_output(path)
    checkpoint = source if isinstance(source, str | Path) else source.checkpoint
    recommender = Recommender.load(checkpoint, moved_to(data_path))
    tables = recommender.lists(users, history, k, keep_history=keep_history)
    if path is None:
        return next(tables)
    write_lists(tables, path)
    return path
